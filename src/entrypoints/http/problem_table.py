"""The one table that says how each error is answered over HTTP."""

from typing import NamedTuple

from domain import errors as domain
from domain.errors import PaymentError
from entrypoints.http import request_errors as request


class Problem(NamedTuple):
    """`meaning` and `remedy` are the text of the page at `/problems/<code>`."""

    status: int
    title: str
    meaning: str
    remedy: str


PROBLEMS: dict[type[PaymentError], Problem] = {
    request.BadRequest: Problem(
        400,
        "Bad request",
        "The request breaks the rules of HTTP itself.",
        "Send it with an ordinary HTTP client.",
    ),
    request.MalformedJson: Problem(
        400,
        "Malformed JSON",
        "The body is not one JSON object in UTF-8. NaN, Infinity and a key that stands twice in one"
        " object are refused too, because programs disagree about what they mean.",
        "Correct the body. Nothing was done, and the idempotency key is still unused.",
    ),
    request.InvalidCursor: Problem(
        400,
        "Invalid cursor",
        "The cursor is not one that this list has given out.",
        "Use next_cursor of the page before, unchanged, or leave the cursor out to start again.",
    ),
    request.IdempotencyKeyRequired: Problem(
        400,
        "Idempotency key required",
        "A request that moves money must carry an Idempotency-Key header, so that it can be sent"
        " again without being done twice.",
        "Make a new random key for each payment, for example a UUID, and keep it for the retries.",
    ),
    request.IdempotencyKeyInvalid: Problem(
        400,
        "Invalid idempotency key",
        "An Idempotency-Key has 1 to 255 visible ASCII characters, without spaces.",
        "Use for example a UUID.",
    ),
    request.PathNotFound: Problem(
        404,
        "Not found",
        "There is nothing at this path.",
        "Compare the path with the reference at /docs.",
    ),
    domain.AccountNotFound: Problem(
        404,
        "Account not found",
        "No account has this id.",
        "Check the id; GET /v1/accounts?reference= finds an account by your own reference.",
    ),
    domain.WalletNotFound: Problem(
        404,
        "Wallet not found",
        "No wallet has this id. It may stand in the path or in the body.",
        "Check the id; GET /v1/wallets?account_id= lists the wallets of an account.",
    ),
    domain.TransactionNotFound: Problem(
        404,
        "Transaction not found",
        "No transaction has this id.",
        "Check the id; GET /v1/transactions?reference= finds one by your own reference.",
    ),
    domain.HoldNotFound: Problem(
        404,
        "Hold not found",
        "No hold has this id.",
        "Check the id; GET /v1/holds?wallet_id= lists the holds on a wallet.",
    ),
    domain.SealNotFound: Problem(
        404,
        "Seal not found",
        "No block of the sealed log has this number.",
        "GET /v1/seals lists the seals.",
    ),
    request.MethodNotAllowed: Problem(
        405,
        "Method not allowed",
        "This path exists, but not with this method. Money is never changed or deleted:"
        " corrections are new transactions.",
        "Use one of the methods in the Allow header.",
    ),
    request.NotAcceptable: Problem(
        406,
        "Not acceptable",
        "The Accept header excludes JSON, which is the only form of this answer.",
        "Send Accept: application/json, or no Accept header.",
    ),
    request.RequestTimeout: Problem(
        408,
        "Request timeout",
        "The request did not arrive in time.",
        "Send it again, with the same idempotency key.",
    ),
    domain.AccountFrozen: Problem(
        409,
        "Account frozen",
        "The account is frozen: no money may leave its wallets.",
        "Unfreeze the account first, or ask who froze it.",
    ),
    domain.AccountClosed: Problem(
        409,
        "Account closed",
        "The account is closed for good: its wallets take part in no payment.",
        "Use another account.",
    ),
    domain.ReferenceTaken: Problem(
        409,
        "Reference taken",
        "References are unique among accounts and among transactions; this one is in use.",
        "If you were repeating a request, use its first idempotency key. Otherwise choose another"
        " reference.",
    ),
    domain.HoldNotPending: Problem(
        409,
        "Hold not pending",
        "The hold is captured or voided already: nothing is reserved any more. hold_status says which.",
        "Get the hold to see what became of it; place a new one if money is to be reserved again.",
    ),
    domain.HoldExpired: Problem(
        409,
        "Hold expired",
        "The instant at which the hold ends has come: what it reserved is free again.",
        "Place a new hold, with an expires_at that leaves enough time.",
    ),
    domain.ConditionFailed: Problem(
        409,
        "Condition failed",
        "A wallet is not as one of the request's conditions demands. available or wallet_version says"
        " how it is.",
        "Look at the wallet again and decide anew; a new request needs a new idempotency key.",
    ),
    domain.IdempotencyKeyInUse: Problem(
        409,
        "Idempotency key in use",
        "Another request with this key is being processed and did not finish in time.",
        "Wait as long as Retry-After says, then send the same request with the same key.",
    ),
    domain.NotSealed: Problem(
        409,
        "Not sealed",
        "The transaction is committed, but not in the sealed log yet, or only in a later block than the"
        " one that was asked for.",
        "Wait as long as Retry-After says and ask again; leave block out to get the block that has it.",
    ),
    request.LengthRequired: Problem(
        411,
        "Length required",
        "The body came without a length, and its end cannot be told.",
        "Send a Content-Length header.",
    ),
    request.BodyTooLarge: Problem(
        413,
        "Body too large",
        "The body is larger than this path allows.",
        "Send less, for example by shortening metadata.",
    ),
    request.UnsupportedMediaType: Problem(
        415,
        "Unsupported media type",
        "Request bodies are JSON in UTF-8.",
        "Send Content-Type: application/json.",
    ),
    request.ValidationFailed: Problem(
        422,
        "Validation failed",
        "The request is well-formed, but a field or a query parameter is missing, unknown or has a"
        " value that is not allowed. errors names each by a JSON pointer into the body, or by"
        " ?name for a query parameter.",
        "Correct what errors names. The idempotency key is still unused.",
    ),
    domain.IdempotencyKeyReused: Problem(
        422,
        "Idempotency key reused",
        "This key was used before, for a different request. A key belongs to one request for good.",
        "Use a new key for a new request; repeat a request with exactly the same body.",
    ),
    domain.InsufficientFunds: Problem(
        422,
        "Insufficient funds",
        "The wallet does not have this much available, its overdraft limit included.",
        "Replenish the wallet or pay less. available says what there was, in minor units.",
    ),
    domain.CurrencyMismatch: Problem(
        422,
        "Currency mismatch",
        "The wallet holds another currency than the request names.",
        "Use a wallet of that currency. Nothing is converted silently.",
    ),
    domain.CurrencyNotEnabled: Problem(
        422,
        "Currency not enabled",
        "This service keeps no wallets in this currency.",
        "Use an ISO 4217 code that is enabled here.",
    ),
    domain.SameWallet: Problem(
        422,
        "Same wallet",
        "Source and destination are the same wallet.",
        "Name two different wallets.",
    ),
    domain.SystemWalletNamed: Problem(
        422,
        "System wallet",
        "This wallet belongs to the system: it stands for money outside the books.",
        "Name a wallet of an account. Money enters by POST /v1/replenishments.",
    ),
    domain.BalanceLimitExceeded: Problem(
        422,
        "Balance limit exceeded",
        "The wallet would hold more than it may. limit says how much that is, in minor units.",
        "Pay in less, or raise the wallet's limit.",
    ),
    domain.Unbalanced: Problem(
        422,
        "Unbalanced",
        "The postings of a transaction must sum to zero in each currency.",
        "Correct the amounts.",
    ),
    domain.ExceedsHold: Problem(
        422,
        "Exceeds hold",
        "The capture asks for more than the hold still reserves. remaining says how much that is, in"
        " minor units.",
        "Capture less; what is owed beyond the hold is a transfer of its own.",
    ),
    domain.DestinationDiffers: Problem(
        422,
        "Destination differs",
        "The hold was placed for one wallet, and the capture names another. wallet_id is the hold's.",
        "Leave destination_wallet_id out of the capture, or void the hold and place another.",
    ),
    request.InternalError: Problem(
        500,
        "Internal error",
        "The service has a fault; the request may be fine.",
        "Send it again with the same idempotency key, and report the request_id if it stays.",
    ),
    domain.Overloaded: Problem(
        503,
        "Overloaded",
        "Too many requests are waiting. Nothing was done.",
        "Wait as long as Retry-After says, then send it again with the same idempotency key.",
    ),
    domain.OutcomeUnknown: Problem(
        503,
        "Outcome unknown",
        "The connection to the database broke at the one moment when it cannot be told whether the"
        " request was done.",
        "Send the same request with the same idempotency key: it is done exactly once.",
    ),
    domain.Unavailable: Problem(
        503,
        "Unavailable",
        "The service cannot reach what it needs, or is starting or stopping. Nothing was done.",
        "Wait as long as Retry-After says, then send it again with the same idempotency key.",
    ),
}

BY_CODE: dict[str, type[PaymentError]] = {error.code: error for error in PROBLEMS}
