"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.version import VERSION

parts = Parts(name="core", version=VERSION, title=Label("Due items", "待办事项"))
