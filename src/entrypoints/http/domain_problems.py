"""How the domain's errors are answered over HTTP, in the order of their statuses."""

from domain import errors as domain
from domain.errors import PaymentError
from entrypoints.http.problem_row import Problem

DOMAIN_PROBLEMS: dict[type[PaymentError], Problem] = {
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
    domain.WebhookEndpointNotFound: Problem(
        404,
        "Webhook endpoint not found",
        "No webhook endpoint has this id.",
        "Check the id; GET /v1/webhook-endpoints lists the endpoints.",
    ),
    domain.WebhookDeliveryNotFound: Problem(
        404,
        "Webhook delivery not found",
        "No delivery has this id. Those that have arrived are forgotten after a month.",
        "Check the id; GET /v1/webhook-endpoints/{id}/deliveries lists those of an endpoint.",
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
    domain.AccountNotEmpty: Problem(
        409,
        "Account not empty",
        "An account can be closed only when every wallet of it has a balance of 0, with nothing held.",
        "Pay out what there is, settle what is owed, and capture or void its holds.",
    ),
    domain.WalletExists: Problem(
        409,
        "Wallet exists",
        "An account has one wallet for each currency, and this one has such a wallet already.",
        "Use that wallet; wallet_id is its id.",
    ),
    domain.VersionConflict: Problem(
        409,
        "Version conflict",
        "Somebody has changed it since the version that the request names.",
        "Read it again, see whether the change is still wanted, and send it with the new version.",
    ),
    domain.IdempotencyKeyReused: Problem(
        422,
        "Idempotency key reused",
        "This key was used before, for a different request. A key belongs to one request for good.",
        "Use a new key for a new request; repeat a request with exactly the same body.",
    ),
    domain.WebhookUrlRefused: Problem(
        422,
        "Webhook URL refused",
        "Webhooks are sent to public hosts over https only, on port 443 or 8443; the URL carries no"
        " credentials. detail says what is wrong with this one.",
        "Use another URL. For development PAYMENTS_WEBHOOK_ALLOW_PRIVATE allows http or private hosts.",
    ),
    domain.TooManyWebhookEndpoints: Problem(
        422,
        "Too many webhook endpoints",
        "There are as many endpoints as there may be.",
        "Change the URL of one that is no longer needed.",
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
    domain.ExceedsOriginal: Problem(
        422,
        "Exceeds the original",
        "The reversals of a transaction may take back as much as it moved, and no more.",
        "Reverse at most what remains, or leave the amount out for all of that.",
    ),
    domain.NotReversible: Problem(
        422,
        "Not reversible",
        "A reversal is not reversed itself; and what moved several currencies is reversed only as a whole.",
        "Make a new payment instead of reversing a reversal; leave the amount out to reverse the whole.",
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
