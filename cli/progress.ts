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

/** Shows at which of many steps something is, to who watches; nothing is shown of what ends at once. */
export const stepwise = (): { readonly say: (text: string) => void; readonly end: () => void } => {
  let spinner: { text: string; readonly stop: () => unknown } | undefined
  let [text, ended] = ['', !isWatched()]
  const timer = ended
    ? undefined
    : setTimeout(() => {
        void import('ora').then(({ default: ora }) => {
          if (!ended) spinner = ora({ text, stream: process.stderr, discardStdin: false, hideCursor: false }).start()
        })
      }, patienceMs)
  return {
    say: (now) => {
      text = now
      if (spinner !== undefined) spinner.text = now
    },
    end: () => {
      ended = true
      clearTimeout(timer)
      spinner?.stop()
    },
  }
}
