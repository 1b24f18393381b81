/** A connection string or option that cannot be used. `message` is for the user and holds no password. */
export class TargetError extends Error {}
