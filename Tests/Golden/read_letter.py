"""Reads a letter with Python's own parser and prints what it found, for the tests: JSON, with every defect it met."""

import email
import email.policy
import json
import sys

message = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
parts = list(message.walk())
defects = [str(defect) for part in parts for defect in part.defects]
defects += [str(defect) for value in message.values() for defect in value.defects]
print(
    json.dumps(
        {
            "defects": defects,
            "headers": [[name, str(value)] for name, value in message.items()],
            "kinds": [part.get_content_type() for part in parts],
            "addresses": [str(address) for address in message["To"].addresses],
            "text": message.get_body(("plain",)).get_content().replace("\r\n", "\n"),
            "html": message.get_body(("html",)).get_content(),
        }
    )
)
