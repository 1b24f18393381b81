/** Words that MongoDB's protocol, its servers and drivers fix: they stay in a redacted capture. Any other is replaced. */
import { OWN_DRIVER } from '../../mongodb/client/client-hello';
import { COMPRESSORS } from '../../mongodb/wire/compression';

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/).filter((word) => word !== ''));
}

/** Keys of commands and their answers. A command's name is the first of its document. */
export const KEYS = words(`
  hello isMaster ismaster isMASTER helloOk ping find insert update delete aggregate count distinct getMore killCursors endSessions
  saslStart saslContinue getnonce authenticate logout buildInfo buildinfo getParameter connectionStatus listDatabases listCollections
  listIndexes create drop dropDatabase createIndexes createUser updateUser dropUser usersInfo getLastError getlasterror whatsmyuri
  whatsMyUri serverStatus replSetGetStatus replSetHeartbeat hostInfo getLog getCmdLineOpts abortTransaction commitTransaction startSession
  refreshSessions copydb copydbgetnonce copydbSaslStart clone cloneCollection validate dbStats dbstats collStats collstats top ps explain
  mapReduce eval findAndModify findandmodify group geoNear isdbgrid getCmdLineOpts features profile shutdown fsync
  _isSelf _getUserCacheGeneration authSchemaUpgrade rolesInfo grantRolesToUser revokeRolesFromUser atlasVersion
  maxAwaitTimeMS topologyVersion processId counter client application driver os platform version name type architecture env container
  orchestrator runtime provider region timeout_sec memory_mb url compression loadBalanced saslSupportedMechs speculativeAuthenticate
  internalClient minWireVersion maxWireVersion hostInfo mongos serviceId backpressure
  mechanism payload autoAuthorize options skipEmptyExchange conversationId done key nonce user pwd digestPassword db database
  digest dbname writeConcern roles role customData mechanisms authenticationRestrictions clientSource serverAddress
  $db $readPreference mode tags maxStalenessSeconds hedge $clusterTime clusterTime signature hash keyId lsid id txnNumber
  startTransaction autocommit readConcern level afterClusterTime apiVersion apiStrict apiDeprecationErrors $query $orderby $audit
  $configServerState $configTime $topologyTime $replData $oplogQueryData operationTime configTime topologyTime metadata
  $$$$ ok code codeName errmsg $err err errorLabels errInfo reason note writeErrors writeConcernError index n nModified upserted
  ismaster isWritablePrimary secondary arbiterOnly passive hidden hosts passives arbiters primary me setName setVersion electionId
  msg isreplicaset maxBsonObjectSize maxMessageSizeBytes maxWriteBatchSize localTime logicalSessionTimeoutMinutes connectionId
  readOnly lastWrite opTime ts t lastWriteDate majorityOpTime majorityWriteDate isdbgrid hostname tagSets buildIndexes slaveDelay
  secondaryDelaySecs isImplicitDefaultMajorityWC cwwc wtimeout w j fsync provenance
  gitVersion modules allocator javascriptEngine sysInfo versionArray openssl running compiled buildEnvironment bits debug storageEngines
  cursor firstBatch nextBatch ns filter limit skip sort projection batchSize singleBatch comment collation locale documents ordered
  updates deletes u q multi upsert pipeline explain cursors sessions query fields hint maxTimeMS let ops nsInfo
  authInfo authenticatedUsers authenticatedUserRoles showPrivileges showCredentials forAllDBs authenticatedUserPrivileges
  totalSize databases sizeOnDisk empty nameOnly featureCompatibilityVersion authenticationMechanisms scramIterationCount
  users userId credentials SCRAM-SHA-1 SCRAM-SHA-256 MONGODB-CR iterationCount salt storedKey serverKey _id
  principalName jwt issuer clientId requestScopes s h a d p r retryable failedAt
  uid syncedTo lag fromdb todb fromhost username values`);

/** Of these the text is a sentence. */
export const SENTENCES = words('errmsg $err err reason note msg message');
/** Hexadecimal secrets of MONGODB-CR and of passwords. */
export const HEX_KEYS = words('nonce key digest pwd');
export const SECRET_KEYS = words(
  'password proxyPassword accessToken jwt salt storedKey serverKey pwd MONGODB-CR',
);

/** Under these keys a version number stays. */
export const VERSION_KEYS = words('version openssl running compiled runtime');
export const VERSION = /^[vV]?\d{1,4}(\.\d{1,4}){0,3}$/;

/** Numbers that say what happened, and nothing of who or what; others become zero. */
export const NUMBERS = words(`
  hello isMaster ismaster isMASTER ping saslStart saslContinue getnonce authenticate logout buildInfo buildinfo getParameter connectionStatus
  listDatabases getLastError getlasterror whatsmyuri whatsMyUri serverStatus replSetGetStatus hostInfo ok code n conversationId
  minWireVersion maxWireVersion maxAwaitTimeMS maxBsonObjectSize maxMessageSizeBytes maxWriteBatchSize logicalSessionTimeoutMinutes
  autoAuthorize setVersion zlibCompressionLevel bits iterationCount scramIterationCount timeout_sec endSessions usersInfo counter
  w wtimeout j index nModified connectionId`);

/** Strings that stay wherever they stand: what the protocol, the servers and the drivers call things. */
export const TEXTS: ReadonlySet<string> = new Set([
  ...COMPRESSORS,
  OWN_DRIVER,
  ...words(`SCRAM-SHA-1 SCRAM-SHA-256 MONGODB-CR MONGODB-X509 MONGODB-AWS MONGODB-OIDC GSSAPI PLAIN isdbgrid
    primary primaryPreferred secondary secondaryPreferred nearest local majority available linearizable snapshot
    RetryableWriteError TransientTransactionError NonResumableChangeStreamError HandshakeError ResumableChangeStreamError
    nodejs PyMongo mongo-java-driver mongo-go-driver mongo-rust-driver mongo-csharp-driver mongo-ruby-driver mongoc mongocxx mongod
    mongosh mongo NetworkInterfaceTL MongoDB mongo-cxx-driver mongoc-driver ext-mongodb:PHP PHPLIB Mongoose mongoose sync legacy
    reactive-streams kotlin NodeJS Python Java Go Rust Node.js
    Linux Darwin Windows Windows_NT linux darwin win32 windows Unix x86_64 amd64 x64 arm64 aarch64 ppc64le s390x i386
    docker kubernetes aws.lambda gcp.func azure.func vercel system mozjs tcmalloc wiredTiger standalone enterprise enableTestCommands`),
]);

/** Names of error codes (`error_codes.yml`), as far as a login meets them. */
export const CODE_NAMES =
  words(`OK InternalError BadValue NoSuchKey GraphContainsCycle HostUnreachable HostNotFound UnknownError FailedToParse
  CannotMutateObject UserNotFound UnsupportedFormat Unauthorized TypeMismatch Overflow InvalidLength ProtocolError AuthenticationFailed
  CannotReuseObject IllegalOperation EmptyArrayOperation InvalidBSON AlreadyInitialized LockTimeout RemoteValidationError NamespaceNotFound
  IndexNotFound PathNotViable NonExistentPath InvalidPath RoleNotFound RolesNotRelated PrivilegeNotFound CannotBackfillArray
  UserModificationFailed RemoteChangeDetected FileRenameFailed FileNotOpen FileStreamFailed ConflictingUpdateOperators NamespaceExists
  MaxTimeMSExpired ExceededTimeLimit UserDataInconsistent AuthSchemaIncompatible CommandNotFound InvalidNamespace NodeNotFound
  NoReplicationEnabled NetworkTimeout CursorNotFound ShutdownInProgress OperationFailed WriteConcernFailed NetworkInterfaceExceededTimeLimit
  CallbackCanceled CommandNotSupported CommandNotSupportedOnView SSLHandshakeFailed UnsupportedOpQueryCommand ClientMetadataMissingField
  ClientMetadataAppNameTooLarge ClientMetadataDocumentTooLarge ClientMetadataCannotBeMutated PrimarySteppedDown NotYetInitialized
  SocketException LDAPOperationFailed MechanismUnavailable ReauthenticationRequired InterruptedDueToReplStateChange
  InterruptedAtShutdown Interrupted NotWritablePrimary NotPrimaryNoSecondaryOk NotPrimaryOrSecondary NotMaster NotMasterNoSlaveOk
  NotMasterOrSecondary FailedToSatisfyReadPreference ExceededMemoryLimit APIVersionError APIStrictError APIMismatchError
  NetworkInterfaceTimeout AtlasError DuplicateKey InvalidOptions InvalidSSLConfiguration UserAlreadyExists Location40415 Location40414
  Location51003 Location18 Location13297 Location31 ConnectionPoolExpired IngressRequestRateLimitExceeded StaleConfig
  InvalidIdField LoadBalancerSupportMismatch UnsatisfiableWriteConcern IncompatibleServerVersion`);

export const CODE_NAME = /^Location\d{1,9}$/;
