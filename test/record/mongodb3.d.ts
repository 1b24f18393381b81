/** The old driver has no types of its own; what is used of it here. */
declare module 'mongodb3' {
  class MongoClient {
    constructor(uri: string, options: Record<string, unknown>);
    connect(): Promise<this>;
    db(name: string): { command(command: Record<string, unknown>): Promise<unknown> };
    close(): Promise<void>;
  }
  const driver: { readonly MongoClient: typeof MongoClient };
  export default driver;
}
