/** Parts of texts of MongoDB's servers (`uasserted` and `Status` of their sources) and of services that speak as one. */
export const MONGODB_PHRASES: readonly string[] = `
Authentication failed
auth failed
auth fails
Could not find user
for db
UserNotFound
no such command
no such cmd
bad cmd
requires authentication
command
There are no users authenticated
not authorized on
not authorized for query on
not authorized for
to execute command
not authorized
Unauthorized
unauthorized
Unsupported mechanism
Received authentication for mechanism
which is not enabled
which is unknown or not enabled
mechanism
authentication mechanism
SCRAM-SHA-1
SCRAM-SHA-256
MONGODB-CR
MONGODB-X509
MONGODB-AWS
MONGODB-OIDC
GSSAPI
PLAIN
BadValue
x.509 authentication is disabled
authentication is disabled
is disabled
disabled
There is no x.509 client certificate matching the user
No verified subject name available from client
The provided certificate represents both a cluster member and an explicit user
X509 is not supported
SASL authentication
sasl: Mismatched conversation id
Mismatched conversation id
No SASL session state found
conversation id
Unsupported OP_QUERY command
The client driver may require an upgrade
For more details see
OP_QUERY is no longer supported
bad numberToReturn
for $cmd type ns
can only be 1 or -1
field missing/wrong type in received authenticate command
The server's authentication schema version
authSchemaVersion is not a number
Cannot upgrade auth schema
credentials
SCRAM authentication
Attempt to switch database target during SASL authentication
Incorrect user name
Incorrect SCRAM
number of fields
scram
not master
not primary
not master or secondary
node is recovering
node is not in primary or recovering state
NotWritablePrimary
interrupted at shutdown
The server is in quiesce mode and will shut down
server selection
shutting down
BSON field
is an unknown field
is the wrong type
is missing but a required field
is a duplicate field
expected types
expected type
Unrecognized field
unknown top level operator
Invalid namespace specified
Invalid namespace
API Version
apiVersion
Provided apiStrict
The client metadata document
client metadata document must not be larger than
The client metadata document may only be sent in the first hello
Missing required field
must be a
must be an object
field
SNI name not provided
No SNI name sent, make sure using a MongoDB 3.4+ driver/shell
No SNI name sent
you are not allowed to do action
bad auth
bad auth : Authentication failed
bad auth : authentication failed
AtlasError
connection
cluster
SSL
TLS
SSL peer certificate validation failed
The server is configured to only allow SSL connections
ShutdownInProgress
Sub-document
bulk write
error
user
ok
user is not allowed to do action
not allowed to do action
connection from this IP address is not in the access list
IP address
is not in the access list
IP whitelist
IP access list
cluster is paused
is paused
is not allowed in this atlas tier
bad command
not on the free tier
CMD_NOT_ALLOWED
Invalid key
transaction numbers are only allowed on a replica set member or mongos
this MongoDB deployment does not support retryable writes
Retryable writes are not supported
Request originated from IP
through public internet
This is blocked by your Cosmos DB account firewall settings
Unable to use
based authentication for user without any
credentials registered
Could not find host matching read preference
No primary detected for set
`
  .split('\n')
  .filter((line) => line !== '');
