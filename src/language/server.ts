/**
 * The language server: a process of its own that opens captures, decodes them and says what it found. The extension host never parses
 * a capture, so that a large or hostile file cannot hold up the editor.
 */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serve } from './serve';

serve(createConnection(ProposedFeatures.all));
