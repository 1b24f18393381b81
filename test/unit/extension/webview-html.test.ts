import { describe, expect, it } from 'vitest';
import { webviewHtml } from '../../../src/extension/webview-html';

describe('webviewHtml', () => {
  const scripts = ['https://x/shared.js', 'https://x/capture.js?a="b'];
  const html = webviewHtml({ title: '<a "b">&.pcap', scripts, nonce: 'N0NCE' });

  it('allows its scripts by their nonce, and nothing else', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    expect(policy).toBe("default-src 'none'; script-src 'nonce-N0NCE'");
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<script nonce="N0NCE" src="/g)).toHaveLength(2);
    expect(html).not.toMatch(/<style|<link|style=|\son\w+=/);
  });

  it("shows a file's name as text, whatever it is", () => {
    expect(html).toContain('<title>&#60;a &#34;b&#34;&#62;&#38;.pcap</title>');
    expect(html).toContain('src="https://x/capture.js?a=&#34;b"');
  });
});
