import { describe, expect, it } from 'vitest';
import { distributionNames } from '../../../src/recorder/machine';
import {
  causeOf,
  droppedPackets,
  lastWords,
  type Machine,
  notInstalledProblem,
  refusalProblem,
} from '../../../src/recorder/problems';
import type { CaptureProgram } from '../../../src/recorder/program';

const DUMPCAP: CaptureProgram = { name: 'dumpcap', path: '/usr/bin/dumpcap' };
const TCPDUMP: CaptureProgram = { name: 'tcpdump', path: '/opt/my tools/tcpdump' };
const on = (platform: NodeJS.Platform, parts: Partial<Machine> = {}): Machine => ({
  platform,
  root: false,
  distribution: platform === 'linux' ? ['debian'] : [],
  ...parts,
});

/** As dumpcap 4.0 and tcpdump 4.99 say it. */
const DUMPCAP_DENIED =
  'Capturing on \'Loopback: lo\'\ndumpcap: You do not have permission to capture on device "lo".\n(socket: Operation not permitted)\n' +
  'Please check to make sure you have sufficient permissions.\n\nOn Debian …\n\nand then restarting Wireshark.\n';
const TCPDUMP_DENIED =
  "tcpdump: lo: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)\n";
const BPF_DENIED =
  "tcpdump: lo0: You don't have permission to capture on that device\n((cannot open BPF device) /dev/bpf0: Permission denied)\n";
const NO_DEVICE =
  'Capturing on \'nosuch\'\ndumpcap: There is no device named "nosuch".\n(No such device exists)\n';

describe('a capture program that does not begin', () => {
  it.each([
    [DUMPCAP, DUMPCAP_DENIED, null, 'no-permission'],
    [TCPDUMP, TCPDUMP_DENIED, null, 'no-permission'],
    [TCPDUMP, BPF_DENIED, null, 'no-permission'],
    [DUMPCAP, '', 'EACCES', 'not-executable'],
    [DUMPCAP, '', 'EPERM', 'no-permission'],
    [DUMPCAP, NO_DEVICE, null, 'no-interface'],
    [DUMPCAP, 'dumpcap: Unable to load Npcap or WinPcap (wpcap.dll)', null, 'driver'],
    [DUMPCAP, 'dumpcap: something new', null, 'other'],
  ] as const)('%# means what it means', (program, stderr, code, cause) => {
    expect(causeOf({ program, stderr, code })).toBe(cause);
  });

  it.each([
    [on('linux'), DUMPCAP, null, 'sudo setcap cap_net_raw,cap_net_admin=eip /usr/bin/dumpcap'],
    [on('linux'), TCPDUMP, null, "sudo setcap cap_net_raw,cap_net_admin=eip '/opt/my tools/tcpdump'"],
    [on('linux'), DUMPCAP, 'EACCES', 'sudo usermod -aG wireshark "$USER"'],
    [on('linux', { root: true }), DUMPCAP, null, 'docker run --cap-add=NET_RAW --cap-add=NET_ADMIN'],
    [on('darwin'), TCPDUMP, null, 'sudo chgrp admin /dev/bpf* && sudo chmod g+rw /dev/bpf*'],
    [on('win32'), DUMPCAP, null, 'powershell -Command "Start-Process code -Verb RunAs"'],
    [on('linux'), TCPDUMP, 'EACCES', null],
  ])('%# names the one command that permits it', (machine, program, code, command) => {
    const problem = refusalProblem({ program, stderr: code ? '' : DUMPCAP_DENIED, code }, machine);
    expect(problem.code).toBe('RECORD_NOT_ALLOWED');
    expect(problem.command).toBe(command);
    expect(problem.message).toMatch(/^(dumpcap|tcpdump|This user) .*\.$/);
    expect(problem.next).toMatch(/\.$/);
  });

  it('says what the program said where it knows no better', () => {
    const { code, message } = refusalProblem(
      { program: DUMPCAP, stderr: 'dumpcap: something new', code: null },
      on('linux'),
    );
    expect([code, message]).toEqual(['RECORD_FAILED', 'dumpcap could not record: something new']);
  });
});

describe('neither program installed', () => {
  it.each([
    [on('linux'), 'sudo apt-get install tcpdump'],
    [on('linux', { root: true }), 'apt-get install tcpdump'],
    [on('linux', { distribution: ['rocky', 'rhel', 'fedora'] }), 'sudo dnf install tcpdump'],
    [on('linux', { distribution: ['alpine'] }), 'sudo apk add tcpdump'],
    [on('linux', { distribution: ['own'] }), null],
    [on('darwin'), 'brew install wireshark'],
    [on('win32'), 'winget install WiresharkFoundation.Wireshark'],
  ])('%# names the one command that installs one', (machine, command) => {
    const problem = notInstalledProblem(machine);
    expect(problem.command).toBe(command);
    expect(problem.next).toMatch(/install/i);
  });

  it('knows a distribution by its family', () => {
    expect(distributionNames('NAME="X"\nID=ubuntu\nID_LIKE="debian"\nVERSION_ID="24"\n')).toEqual([
      'ubuntu',
      'debian',
    ]);
  });
});

describe("a program's last words", () => {
  it.each([
    [DUMPCAP_DENIED, 'dumpcap', 'You do not have permission to capture on device "lo".'],
    [
      "Capturing on 'eth0'\nFile: -\ndumpcap: The network adapter is no longer running.\nPackets captured: 3\nPackets received/dropped on interface 'eth0': 3/0 (…)\n",
      'dumpcap',
      'The network adapter is no longer running.',
    ],
    [
      'tcpdump: listening on lo, link-type EN10MB (Ethernet)\ntcpdump: pcap_loop: The interface disappeared\n16 packets captured\n0 packets dropped by kernel\n',
      'tcpdump',
      'pcap_loop: The interface disappeared',
    ],
    ['Segmentation fault\n', 'tcpdump', 'Segmentation fault'],
    ['tcpdump: listening on lo\n16 packets captured\n', 'tcpdump', ''],
    ['', 'tcpdump', ''],
  ])('%#', (stderr, program, words) => {
    expect(lastWords(stderr, program)).toBe(words);
  });

  it('tell of dropped packets', () => {
    expect(droppedPackets("Packets received/dropped on interface 'any': 16/7 (pcap:7/…) (69%)\n")).toBe(7);
    expect(
      droppedPackets('16 packets captured\n32 packets received by filter\n3 packets dropped by kernel\n'),
    ).toBe(3);
    expect(droppedPackets('')).toBe(0);
  });
});
