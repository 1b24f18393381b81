/** Leaves a connection string's parser from any depth; `parseConnectionString` turns it into a result. */
export class ConnectionStringError extends Error {}
