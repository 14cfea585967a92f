"""How request bodies of the API are read."""

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class NestingJSONParser(JSONParser):
    """JSON whose nesting is too deep for the interpreter is the sender's fault, not a server error."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError("It is nested too deeply.") from None
