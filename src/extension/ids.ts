/** Every id that the manifest and the source share. A test compares the two. */
export const COMMANDS = {
  connectTest: 'handshakeInspector.connectTest',
  compareModes: 'handshakeInspector.compareModes',
  showStates: 'handshakeInspector.showStates',
  startLab: 'handshakeInspector.startLab',
  startFault: 'handshakeInspector.startFault',
  stopLab: 'handshakeInspector.stopLab',
  copyUri: 'handshakeInspector.copyUri',
  openCapture: 'handshakeInspector.openCapture',
  record: 'handshakeInspector.record',
  stopRecording: 'handshakeInspector.stopRecording',
  saveRecording: 'handshakeInspector.saveRecording',
  saveHandshakes: 'handshakeInspector.saveHandshakes',
  checkPassword: 'handshakeInspector.checkPassword',
  showText: 'handshakeInspector.showText',
  exportRun: 'handshakeInspector.exportRun',
  forgetPasswords: 'handshakeInspector.forgetPasswords',
  decodePort: 'handshakeInspector.decodePort',
  editHosts: 'handshakeInspector.editHosts',
} as const;

export const VIEWS = {
  hosts: 'handshakeInspector.hosts',
  lab: 'handshakeInspector.lab',
  states: 'handshakeInspector.states',
} as const;

export const CAPTURE_EDITOR = 'handshakeInspector.capture';

export const SETTINGS = {
  hosts: 'handshakeInspector.hosts',
  timeoutMs: 'handshakeInspector.timeoutMs',
  keyLogFile: 'handshakeInspector.keyLogFile',
  decodeAs: 'handshakeInspector.decodeAs',
  recordingMegabytes: 'handshakeInspector.recordingMegabytes',
  unpackedMegabytes: 'handshakeInspector.unpackedMegabytes',
  recordingMinutes: 'handshakeInspector.recordingMinutes',
} as const;
