import { isWatched } from './output.ts'

/** How long something may take before anybody wonders. */
const patienceMs = 1000

/** Shows what is going on when it takes over a second and somebody watches; ora is not even loaded otherwise. */
export const progress = async <T>(text: string, work: () => Promise<T>): Promise<T> => {
  if (!isWatched()) return work()
  let spinner: { readonly stop: () => unknown } | undefined
  let ended = false
  const timer = setTimeout(() => {
    void import('ora').then(({ default: ora }) => {
      // Neither the keyboard nor the cursor is touched: both would need undoing when the process is interrupted.
      if (!ended) spinner = ora({ text, stream: process.stderr, discardStdin: false, hideCursor: false }).start()
    })
  }, patienceMs)
  try {
    return await work()
  } finally {
    ended = true
    clearTimeout(timer)
    spinner?.stop()
  }
}
