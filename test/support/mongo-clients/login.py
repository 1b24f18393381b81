"""Logs in with PyMongo: one URI each argument, one line of JSON each answer."""

import json
import sys

import pymongo


def login(uri):
    try:
        client = pymongo.MongoClient(uri)
        admin = client.admin
        admin.command("ping")
        users = admin.command("connectionStatus")["authInfo"]["authenticatedUsers"]
        return {"users": [user["user"] for user in users]}
    except Exception as error:  # every refusal is an answer
        return {"code": getattr(error, "code", None), "message": str(error)}


print(json.dumps({"version": pymongo.version}))
for argument in sys.argv[1:]:
    print(json.dumps(login(argument)), flush=True)
