"""The kinds of fields in requests or answers, strict where marshmallow is kind."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from domain.condition import Condition
from domain.money import AMOUNT_MINOR_MAX
from entrypoints.http.objects import Objects
from entrypoints.http.text import PATTERN, PATTERN_NOT_BLANK, fault_in_text

REFERENCE_LENGTH_MAX = 200
NAME_LENGTH_MAX = 200
DESCRIPTION_LENGTH_MAX = 500
CONDITIONS_MAX = 50
METADATA_KEYS_MAX = 50
METADATA_KEY_LENGTH_MAX = 64
METADATA_VALUE_LENGTH_MAX = 500

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CURRENCY = re.compile(r"[A-Z]{3}")


class RequestSchema(Schema):
    """What a client sends: unknown fields are refused."""

    class Meta:
        unknown = RAISE


class AnswerSchema(Schema):
    """What the service answers: clients must expect new fields."""

    class Meta:
        unknown = EXCLUDE


def uuid_or_none(text: object) -> UUID | None:
    """A UUID in its canonical form; Python itself would also take braces, URNs and underscores."""
    if isinstance(text, str) and _UUID.fullmatch(text):
        return UUID(text)
    return None


def _with(own: Mapping[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    """What the OpenAPI document says of every field of a kind; a field's own words come first."""
    return {**common, **own}


class Id(fields.UUID):
    """A UUID in its canonical form of 36 characters."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> UUID:
        found = uuid_or_none(value)
        if found is None:
            raise ValidationError("Must be a UUID such as 019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71.")
        return found


class Amount(fields.Integer):
    """A count of minor units, from `minimum` on; booleans, floats (5.0 too), strings are not integers."""

    example = " of minor units, such as 1050 for 10.50 USD"

    def __init__(self, *, minimum: int = 1, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(minimum, AMOUNT_MINOR_MAX), **kwargs)
        self.metadata = _with(self.metadata, {"format": "int64"})

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ValidationError(
                f"Must be an integer{self.example};"
                " not a string, boolean or a number with a decimal point or exponent."
            )
        return value


class SignedAmount(Amount):
    """Negative leaves a wallet, positive enters it; 0 moves nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(minimum=-AMOUNT_MINOR_MAX, **kwargs)
        self.metadata = _with(self.metadata, {"not": {"const": 0}})

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if super()._deserialize(value, attr, data) == 0:
            raise ValidationError("Must not be 0.")
        return value  # type: ignore[no-any-return]


class Count(Amount):
    """How many of something there are."""

    example = ""


class Flag(fields.Boolean):
    """true or false, and nothing that is like them."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise ValidationError("Must be true or false.")
        return value


class Text(fields.String):
    """Unicode text of bounded length, without control characters."""

    def __init__(self, *, length_max: int, length_min: int = 0, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(length_min or None, length_max), **kwargs)
        self.metadata = _with(self.metadata, {"pattern": PATTERN})

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if type(value) is not str:
            raise ValidationError("Must be a string.")
        fault = fault_in_text(value)
        if fault is not None:
            raise ValidationError(fault)
        return value


class Name(Text):
    """A text that is not blank."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(length_min=1, length_max=NAME_LENGTH_MAX, **kwargs)
        self.metadata = {**self.metadata, "pattern": PATTERN_NOT_BLANK}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text and not text.strip():
            raise ValidationError("Must not be blank.")
        return text


class CurrencyCode(fields.String):
    """Three capital letters; whether the currency is enabled is a rule of the domain."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = _with(
            self.metadata,
            {
                "pattern": "^[A-Z]{3}$",
                "examples": ["USD"],
                "description": "ISO 4217 code.",
            },
        )

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if type(value) is not str or not _CURRENCY.fullmatch(value):
            raise ValidationError("Must be an ISO 4217 code of three capital letters, such as USD.")
        return value


class Metadata(fields.Dict):
    """Up to 50 string keys to strings, for the client's own use."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            keys=Text(length_min=1, length_max=METADATA_KEY_LENGTH_MAX),
            values=Text(length_max=METADATA_VALUE_LENGTH_MAX),
            **kwargs,
        )
        self.metadata = _with(
            self.metadata,
            {
                "maxProperties": METADATA_KEYS_MAX,
                "examples": [{"invoice": "2026-1042"}],
                "description": "For your own use: up to 50 keys of 1 to 64 characters.",
            },
        )

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if type(value) is not dict:
            raise ValidationError("Must be an object of strings.")
        if len(value) > METADATA_KEYS_MAX:
            raise ValidationError(f"Must not have more than {METADATA_KEYS_MAX} keys.")
        faults = {key: fault for key, item in value.items() if (fault := self._fault(key, item))}
        if faults:
            raise ValidationError(faults)
        return value

    def _fault(self, key: str, item: Any) -> list[str] | None:
        if not 1 <= len(key) <= METADATA_KEY_LENGTH_MAX or fault_in_text(key):
            return [
                f"Keys must have 1 to {METADATA_KEY_LENGTH_MAX} characters, none a control character."
            ]
        try:
            self.value_field.deserialize(item)  # type: ignore[union-attr]
        except ValidationError as error:
            return list(error.messages)
        return None


def reference(*, allow_none: bool = True, **kwargs: Any) -> Text:
    """The client's own name for what is made."""
    return Text(length_min=1, length_max=REFERENCE_LENGTH_MAX, allow_none=allow_none, **kwargs)


def description(**kwargs: Any) -> Text:
    """A text for people."""
    return Text(length_max=DESCRIPTION_LENGTH_MAX, allow_none=True, **kwargs)


def _condition(**given: Any) -> Condition:
    if len(given) < 2:
        raise ValidationError("Must have available_gte or wallet_version.")
    return Condition(**given)


class ConditionRequest(RequestSchema):
    """What a wallet must be like."""

    wallet_id = Id(required=True)
    available_gte = Amount(
        minimum=-AMOUNT_MINOR_MAX,
        metadata={"description": "It has at least this much available. In minor units."},
    )
    wallet_version = Count(
        minimum=0,
        metadata={"description": "This was its last posting: nothing has moved since."},
    )


class TermsRequest(RequestSchema):
    """What every request that moves or reserves money can say of how it is carried out."""

    conditions = Objects(
        ConditionRequest,
        _condition,
        length_max=CONDITIONS_MAX,
        item_rules={"minProperties": 2},
        metadata={
            "description": "If one of them fails, nothing is done: 409 `condition-failed`."
            " They are checked before the rules, on locked wallets."
        },
    )
    dry_run = Flag(
        metadata={
            "default": False,
            "description": "Answer as if it were done, and do nothing. Needs no Idempotency-Key and uses"
            " none; the answer is 200 and what was not made has null for its id.",
        },
    )


class TransactionRequest(TermsRequest):
    """What every request that makes a transaction can call it."""

    reference = reference(
        metadata={"description": "Your own name for it, unique among transactions."}
    )
    description = description(metadata={"description": "A text for people."})
    metadata = Metadata()


class AmountRequest(RequestSchema):
    """How much of what."""

    amount = Amount(
        required=True,
        metadata={"examples": [1050], "description": "In minor units: 1050 is 10.50 USD."},
    )
    currency = CurrencyCode(required=True)


class MoneyRequest(TransactionRequest, AmountRequest):
    """What every request that moves one amount has in common; the amount is named first."""
