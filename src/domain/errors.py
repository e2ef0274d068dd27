"""The one tree of everything that can be answered with "no".

An error here is a code, a sentence and data; it knows nothing about HTTP. `Refusal` is a decision by the
rules: final for this request and kept under its idempotency key. `NotNow` is a passing condition: nothing
is kept, and the same request may be sent again.
"""

from typing import ClassVar

Datum = str | int | None


class PaymentError(Exception):
    """The root; `code` is a stable name for programs, `detail` a sentence for people."""

    code: ClassVar[str]

    def __init__(self, detail: str, **data: Datum) -> None:
        super().__init__(detail)
        self.detail = detail
        self.data = data


class Refusal(PaymentError):
    """The rules say no; asking again changes nothing."""


class NotFound(Refusal):
    """What was named does not exist."""


class AccountNotFound(NotFound):
    code = "account-not-found"


class WalletNotFound(NotFound):
    code = "wallet-not-found"


class TransactionNotFound(NotFound):
    code = "transaction-not-found"


class HoldNotFound(NotFound):
    code = "hold-not-found"


class SealNotFound(NotFound):
    code = "seal-not-found"


class QuoteNotFound(NotFound):
    code = "quote-not-found"


class ApiKeyNotFound(NotFound):
    code = "api-key-not-found"


class WebhookEndpointNotFound(NotFound):
    code = "webhook-endpoint-not-found"


class WebhookDeliveryNotFound(NotFound):
    code = "webhook-delivery-not-found"


class Conflict(Refusal):
    """What was named is in a state that does not allow it."""


class AccountFrozen(Conflict):
    code = "account-frozen"


class AccountClosed(Conflict):
    code = "account-closed"


class AccountNotEmpty(Conflict):
    code = "account-not-empty"


class WalletExists(Conflict):
    code = "wallet-exists"


class VersionConflict(Conflict):
    code = "version-conflict"


class ReferenceTaken(Conflict):
    code = "reference-taken"


class ConditionFailed(Conflict):
    code = "condition-failed"


class HoldNotPending(Conflict):
    code = "hold-not-pending"


class HoldExpired(Conflict):
    code = "hold-expired"


class QuoteUsed(Conflict):
    code = "quote-used"


class QuoteExpired(Conflict):
    code = "quote-expired"


class HoldNotYours(Conflict):
    """A key that is bound to an account did not place this hold."""

    code = "hold-not-yours"


class ApiKeyNotActive(Conflict):
    code = "api-key-not-active"


class Forbidden(Refusal):
    """The caller is known, but not allowed to ask for this; says nothing about what exists."""

    code = "forbidden"


class RuleBroken(Refusal):
    """What was asked for is against a rule of money."""


class IdempotencyKeyReused(RuleBroken):
    code = "idempotency-key-reused"


class InsufficientFunds(RuleBroken):
    code = "insufficient-funds"


class CurrencyMismatch(RuleBroken):
    code = "currency-mismatch"


class CurrencyNotEnabled(RuleBroken):
    code = "currency-not-enabled"


class SameWallet(RuleBroken):
    code = "same-wallet"


class SystemWalletNamed(RuleBroken):
    code = "system-wallet"


class BalanceLimitExceeded(RuleBroken):
    code = "balance-limit-exceeded"


class Unbalanced(RuleBroken):
    code = "unbalanced"


class ExceedsHold(RuleBroken):
    code = "exceeds-hold"


class ExceedsOriginal(RuleBroken):
    code = "exceeds-original"


class NotReversible(RuleBroken):
    code = "not-reversible"


class DestinationDiffers(RuleBroken):
    code = "destination-differs"


class SameCurrency(RuleBroken):
    code = "same-currency"


class RateNotAvailable(RuleBroken):
    code = "rate-not-available"


class AmountOutOfRange(RuleBroken):
    code = "amount-out-of-range"


class CannotBePaid(RuleBroken):
    """What a key that is bound to an account is told about somebody else's wallet, whatever the reason."""

    code = "cannot-be-paid"


class WebhookUrlRefused(RuleBroken):
    code = "webhook-url-refused"


class TooManyWebhookEndpoints(RuleBroken):
    code = "too-many-webhook-endpoints"


class NotNow(PaymentError):
    """A passing condition; the same request with the same key may be sent again."""

    retry_after_seconds: int = 1


class IdempotencyKeyInUse(NotNow):
    code = "idempotency-key-in-use"


class NotSealed(NotNow):
    """The transaction is committed, and will be sealed."""

    code = "not-sealed"
    retry_after_seconds = 10


class Overloaded(NotNow):
    code = "overloaded"


class OutcomeUnknown(NotNow):
    code = "outcome-unknown"


class Unavailable(NotNow):
    code = "unavailable"


def leaves(root: type[PaymentError] = PaymentError) -> list[type[PaymentError]]:
    """Every error class that has a code of its own, in the order of the file."""
    below = [leaf for child in root.__subclasses__() for leaf in leaves(child)]
    return ([root] if "code" in vars(root) else []) + below


def refusal(code: str, detail: str, data: dict[str, Datum]) -> Refusal:
    """The refusal that was once stored under an idempotency key, made again."""
    for leaf in leaves(Refusal):
        if leaf.code == code:
            return leaf(detail, **data)  # type: ignore[return-value]
    raise LookupError(f"no refusal has the code {code!r}")
