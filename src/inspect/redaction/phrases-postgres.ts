/** Parts of texts of PostgreSQL (auth.c, postinit.c, backend_startup.c, guc.c …), pgbouncer, pgpool and other poolers and gateways. */
export const POSTGRES_PHRASES: readonly string[] = `
password authentication failed for user
password authentication failed
authentication failed for user
authentication failed
no pg_hba.conf entry for host
no pg_hba.conf entry for replication connection from host
no pg_hba.conf entry
no pg_hba.conf
pg_hba.conf rejects connection for host
pg_hba.conf rejects replication connection for host
pg_hba.conf rejects
pg_hba.conf
SSL encryption
GSS encryption
no encryption
no SSL encryption
SSL on
SSL off
SSL connection is required
SSL connection required
SSL is required
SSL required
server requires SSL
insecure connection
Client from
does not exist
role
database
user
user name
host
parameter
is not permitted to log in
is not currently accepting connections
is not accepting connections
no longer exists
It seems to have just been dropped or renamed
The database subdirectory
is missing
permission denied for database
permission denied for
permission denied to set session authorization
permission denied to set role
permission denied to set parameter
permission denied to start WAL sender
permission denied to
User does not have CONNECT privilege
Only roles with the
attribute may start a WAL sender process
must be superuser or replication role to start walsender
must be superuser to connect during database shutdown
must be superuser to connect in binary upgrade mode
too many connections for role
too many connections for database
too many connections for
too many connections
sorry, too many clients already
remaining connection slots are reserved for non-replication superuser connections
remaining connection slots are reserved for roles with the SUPERUSER attribute
remaining connection slots are reserved for roles with privileges of the
remaining connection slots are reserved
number of requested standby connections exceeds
the database system is starting up
the database system is shutting down
the database system is in recovery mode
the database system is not yet accepting connections
the database system is not accepting connections
Consistent recovery state has not been yet reached
Recovery snapshot is not yet ready for hot standby
To enable hot standby, close write transactions with more than
Hot standby mode is disabled
hot standby mode
terminating connection due to administrator command
terminating connection because of crash of another server process
terminating connection due to
terminating connection because
canceling authentication due to timeout
canceling statement due to
could not fork new process for connection
Cannot allocate memory
Resource temporarily unavailable
unsupported frontend protocol
server supports
unsupported startup parameter
unsupported startup parameter in options
unrecognized configuration parameter
invalid configuration parameter name
invalid value for parameter
invalid command-line argument for server process
cannot be changed without restarting the server
cannot be changed now
cannot be changed
cannot be set after connection start
requires a Boolean value
requires a numeric value
Available values
invalid startup packet layout
expected terminator as last byte
incomplete startup packet
invalid length of startup packet
invalid length of cancel request packet
no PostgreSQL user name specified in startup packet
startup packet
received unencrypted data after SSL request
received unencrypted data after GSSAPI encryption request
This could be either a client-software bug or evidence of an attempted man-in-the-middle attack
received direct SSL connection request without ALPN protocol negotiation extension
received direct SSL connection request with unexpected ALPN protocol
direct SSL connection
could not accept SSL connection
wrong version number
could not send SSL negotiation response
expected password response, got message type
expected SASL response, got message type
expected GSS response, got message type
expected SSPI response, got message type
expected
got message type
invalid password packet size
empty password returned by client
password packet
password too long
invalid frontend message type
invalid message format
invalid message length
invalid string in message
insufficient data left in message
message contents do not agree with length in message type
message type
protocol synchronization was lost
protocol violation
protocol error
protocol
malformed SCRAM message
malformed
The message is empty
Message length does not match input length
Expected attribute
Expected character
Expected end of message
Attribute expected, but found
but found
Malformed attribute
client selected an invalid SASL authentication mechanism
selected an invalid SASL authentication mechanism
SASL authentication failed
SASL authentication
SASL
client requires an unsupported SCRAM extension
client requires mandatory SCRAM extension
client uses authorization identity, but it is not supported
non-printable characters in SCRAM nonce
invalid SCRAM response
SCRAM channel binding check failed
SCRAM channel binding negotiation error
channel binding check failed
channel binding
unsupported SCRAM channel-binding type
unexpected SCRAM channel-binding attribute in client-final-message
The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not include channel binding data
The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data
The client supports SCRAM channel binding but thinks the server does not
However, this server does support channel binding
does not support
Nonce does not match
Proof does not match
Wrong credentials
connection requires a valid client certificate
client certificates can only be checked if a root certificate store is available
certificate authentication failed for user
peer authentication failed for user
Ident authentication failed for user
GSSAPI authentication failed for user
SSPI authentication failed for user
LDAP authentication failed for user
PAM authentication failed for user
RADIUS authentication failed for user
BSD authentication failed for user
OAuth bearer authentication failed for user
trust authentication failed for user
authentication failed for user
authentication method not supported
authentication rejected for user
unsupported authentication method
authentication
accepting connections
client certificate
certificate
certificate verify failed
provided user name
and authenticated user name
do not match
identifier
will be truncated to
conversion between
is not supported
not supported
unsupported
no such user
no such database
max_client_conn
no more connections allowed
server_login_retry
server login has been failing
server login failed
query_wait_timeout
client_login_timeout
client_idle_timeout
client_connect_timeout
client_login_timeout (server down)
query_wait_timeout
idle transaction timeout
pgbouncer cannot connect to server
pgbouncer database is paused
pooler error
bouncer config error
auth_query
login rejected
TLS required
no such
unable to read message kind
unable to read message length
kind does not match between main
pool_hba.conf
No pool configured for
No pool configured
node is running secure mode
No user specified
Endpoint ID is not specified
Either please upgrade the postgres client library (libpq) for SNI support or pass the endpoint ID (first part of the domain name) as a parameter
libpq
RDS Proxy currently doesn't support
RDS Proxy
This RDS proxy has no credentials for the role
Check the credentials for this role and try again
This RDS Proxy requires TLS connections
requires TLS
Invalid Username specified
Please check the Username and retry connection
The Username should be in
format
MaxClientsInSessionMode
max clients reached
max clients reached - in Session mode max clients are limited to pool_size
Tenant or user not found
Internal error
command-line options
connection refused
connection timed out
timeout expired
unterminated quoted string
syntax error at or near
column
relation
schema
already exists
reject
rejects
of
at
is
to
in
on
for
with
from
by
as
the
and
or
not
no
was
be
rejected
server login failed: wrong password type
wrong password type
client connections exceeded
max_db_client_connections
max_user_client_connections
username
or password does not exist in backend
backend authentication failed
backend response with kind
when expecting
unable to read data from DB node
unable to read data from frontend
pgpool is not accepting any new connections
all backend nodes are down
pgpool requires at least one valid node
SCRAM authentication failed
pool_passwd file does not contain an entry for
md5 authentication failed
password does not match
could not get connection from the pool
AllServersDown
Invalid password
odyssey
route for
is not found
incorrect password
failed to connect to remote server
too many tcp connections
global client_max
Max client connections reached
Authentication query failed: connection not available
Authentication query failed
DbHandlerExited
Inconsistent project name inferred from SNI
and project option
The requested endpoint could not be found, or you don't have access to it
Your project has exceeded the compute time quota
Upgrade your plan to increase limits
The endpoint is disabled
Enable it using the API and retry
Timed-out waiting to acquire database connection
Client from IP address
is not allowed to connect to this server
Azure AD token is expired
Cloud SQL IAM user authentication failed for user
connection is insecure (try using \`sslmode=require\`)
OAuth validator module
must define the symbol
unknown protocol version
pg_hba.conf-Eintrag
server DNS lookup failed
user blocked
frontend authentication failed
failed to authenticate with backend
valid password not found
The endpoint has been disabled
Your account has restrictions
planLimitReached
EADDRNOTALLOWED
address not in tenant allow_list
Client from Azure Virtual Networks
is not allowed to access the server
Cloud SQL IAM service account authentication failed for user
unable to accept connection
access denied
sni was not received
server is not accepting clients
try another node
unable to reach backend SQL server
server requires encryption
`
  .split('\n')
  .filter((line) => line !== '');
