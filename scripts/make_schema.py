"""Write the JSON Schema of a plan document, which editors use to complete and check it."""

import json

from zoneplan.document import json_schema
from zoneplan.resources import PLANS

if __name__ == "__main__":
    path = PLANS / "plan.schema.json"
    path.write_text(json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(path)
