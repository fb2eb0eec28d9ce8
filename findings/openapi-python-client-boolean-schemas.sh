#!/usr/bin/env bash
# openapi-python-client refuses a whole OpenAPI 3.1 document for one property whose schema is `true`, and leaves an operation out whose
# body has a list that says nothing of its items.
#
# OpenAPI 3.1 takes its schemas from JSON Schema 2020-12, in which `true` is a schema and `items` may be missing. With `{}` in both places
# the generator makes everything.
#
# Seen with openapi-python-client 0.29.1: exit code 1 and "Failed to parse OpenAPI document" for `true`; exit code 0 and a warning that
# POST /things was left out for the list.
. "$(dirname "$0")/lib.bash"
python_with openapi-python-client==0.29.1
PATH=$scratch/venv/bin:$PATH

# document ANY LIST: one operation whose body has a property of the schema ANY and one of the schema LIST
document() {
    cat >"$scratch/openapi.json" <<JSON
{
  "openapi": "3.1.0",
  "info": { "title": "Things", "version": "1" },
  "paths": { "/things": { "post": {
    "operationId": "make_thing",
    "requestBody": { "required": true, "content": { "application/json": { "schema": { "\$ref": "#/components/schemas/Thing" } } } },
    "responses": { "204": { "description": "Made" } }
  } } },
  "components": { "schemas": { "Thing": { "type": "object", "properties": { "any": $1, "list": $2 } } } }
}
JSON
}

# generate NAME: whether a module for the operation was made, and the exit code
generate() {
    local code=0
    rm -rf "$scratch/client"
    openapi-python-client generate --path "$scratch/openapi.json" --output-path "$scratch/client" --meta none >"$scratch/said" 2>&1 || code=$?
    seen="$1: exit code $code, $([ -e "$scratch/client/api/default/make_thing.py" ] && echo made || echo not made)"
    seen+=$'\n'$(grep -o -e 'Failed to parse OpenAPI document' -e 'WARNING parsing POST /things' "$scratch/said" || true)
}

document '{}' '{ "type": "array", "items": {} }'
generate "empty schemas"
expect "empty schemas: exit code 0, made"
document 'true' '{ "type": "array", "items": {} }'
generate "true"
expect "true: exit code 1, not made"
expect "Failed to parse OpenAPI document"
document '{}' '{ "type": "array" }'
generate "a list of anything"
expect "a list of anything: exit code 0, not made"
expect "WARNING parsing POST /things"
