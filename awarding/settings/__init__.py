"""Django settings. Everything that differs between machines comes from the environment; see docs/how-to/deploy.md."""

from awarding.settings.base import *  # noqa: F403
from awarding.settings.security import *  # noqa: F403
