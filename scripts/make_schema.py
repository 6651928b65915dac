"""Write the JSON Schemas of plan and scenario documents, which editors use to complete and check them."""

import json

from zoneplan import document
from zoneplan.resources import PACKAGE, PLANS
from zoneplan.scenario import scenario
from zoneplan.siting import task

if __name__ == "__main__":
    schemas = {
        PLANS / "plan.schema.json": document.json_schema(),
        PACKAGE / "scenario" / "scenario.schema.json": scenario.json_schema(),
        PACKAGE / "siting" / "siting.schema.json": task.json_schema(),
    }
    for path, schema in schemas.items():
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(path)
