/** What the tests use of it; it comes without types. */
declare module 'markdown-it' {
  interface Token {
    readonly type: string;
    readonly children: readonly Token[] | null;
  }
  export default class MarkdownIt {
    constructor(options?: { readonly html?: boolean; readonly linkify?: boolean });
    parse(text: string, env: object): Token[];
  }
}
