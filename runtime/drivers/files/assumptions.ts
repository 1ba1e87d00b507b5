import type { Assumption } from '../../assumption.ts'

const dependsOn = 'Node >= 24, the file system of the root'

export const assumptions: readonly Assumption[] = [
  {
    id: 'files.rename-is-atomic',
    kind: 'external',
    assumption:
      'Renaming a file over another within one directory is one step for every reader, and fsync makes its content last.',
    dependsOn,
    property: 'NoPartialWrites',
    failureMode: 'On some network file systems a reader may see no file, and after a power cut the old file or none.',
    mitigation: 'Keep the root on a local file system; directories are flushed too where the system can.',
  },
  {
    id: 'files.confined',
    kind: 'isolation',
    assumption: 'Nobody swaps directories below the root for symbolic links while a file is being written.',
    dependsOn,
    property: 'WritesStayInFootprint',
    failureMode: 'A file could be written outside the root.',
    mitigation:
      'Absolute paths, .. and symbolic links are refused before each write; give the root to this process alone.',
  },
]
