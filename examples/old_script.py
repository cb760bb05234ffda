"""A script as people wrote them for label_studio_sdk 0.0.x. Only the first two lines of code are new.

python examples/old_script.py URL API_KEY
"""
# ruff: noqa: E402 - an old script prints, and its imports follow the two lines

import labelwire

labelwire.install_as_label_studio_sdk()

import json
import sys

from label_studio_sdk import Client  # type: ignore[import-not-found]
from label_studio_sdk.data_manager import Column, Filters, Operator, Type  # type: ignore[import-not-found]

LABEL_CONFIG = """
<View>
  <Text name="text" value="$text"/>
  <Choices name="sentiment" toName="text">
    <Choice value="Positive"/>
    <Choice value="Negative"/>
  </Choices>
</View>
"""

ls = Client(url=sys.argv[1], api_key=sys.argv[2])
print(ls.check_connection())

project = ls.start_project(title="Reviews", label_config=LABEL_CONFIG)
reviews = ["I love it", "It broke on the first day", "Lovely colours, and it lasts", "Never again"]
ids = project.import_tasks([{"text": review} for review in reviews])

project.create_predictions(
    [
        {
            "task": id_,
            "result": [
                {
                    "from_name": "sentiment",
                    "to_name": "text",
                    "type": "choices",
                    "value": {"choices": ["Positive" if "love" in review.lower() else "Negative"]},
                }
            ],
            "score": 0.9 if "love" in review.lower() else 0.4,
            "model_version": "keywords",
        }
        for id_, review in zip(ids, reviews, strict=True)
    ]
)

project.set_model_version("keywords")  # whose scores the filter below looks at

filters = Filters.create(
    Filters.AND,
    [Filters.item(Column.predictions_score, Operator.GREATER, Type.Number, Filters.value(0.5))],
)
sure = project.get_tasks(filters=filters, only_ids=True)
print(f"{len(sure)} of {len(ids)} tasks have a sure prediction")

project.create_annotation(sure[0], result=project.get_task(sure[0])["predictions"][0]["result"])
print(json.dumps([task["annotations"][0]["result"][0]["value"] for task in project.export_tasks(export_type="JSON")]))
