/** How one login of one client ended. */
export type LoginAnswer =
  /** Let in: `ping` was answered, and these users the server counts as authenticated (`connectionStatus`). */
  | { readonly users: readonly string[] }
  /** Refused: the client's words; the code is absent where the client gives none. */
  | { readonly code?: number | string | null; readonly message: string };

/** A MongoDB client as the table of clients uses it. */
export interface MongoTestClient {
  /** `name version`. */
  readonly name: string;
  /** Tries each connection string, in order. An error of the program itself rejects. */
  login(uris: readonly string[]): Promise<LoginAnswer[]>;
}
