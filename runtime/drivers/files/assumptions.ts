import type { Assumption } from '../../assumption.ts'
import { node, part } from '../depends.ts'

const dependsOn = [node, part('the file system of the root')]

export const assumptions: readonly Assumption[] = [
  {
    id: 'files.rename-is-atomic',
    kind: 'external',
    statement:
      'Renaming a file over another within one directory is one step for every reader, and fsync makes its content last.',
    dependsOn,
    supports: ['NoPartialWrites'],
    failureMode: 'On some network file systems a reader may see no file, and after a power cut the old file or none.',
    mitigation: 'Keep the root on a local file system; directories are flushed too where the system can.',
    probe: { by: 'driver' },
    expiry: { after: '2027-12-31' },
  },
  {
    id: 'files.confined',
    kind: 'isolation',
    statement: 'Nobody swaps directories below the root for symbolic links while a file is being written.',
    dependsOn,
    supports: ['WritesStayInFootprint'],
    failureMode: 'A file could be written outside the root.',
    mitigation:
      'Absolute paths, .. and symbolic links are refused before each write; give the root to this process alone.',
    probe: { by: 'test', file: 'test/drivers/files.test.ts' },
    expiry: { after: '2027-12-31' },
  },
]
