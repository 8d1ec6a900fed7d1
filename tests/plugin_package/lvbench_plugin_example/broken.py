"""A module that needs what is not installed."""

import no_such_module_anywhere  # noqa: F401
