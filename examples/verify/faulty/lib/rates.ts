/** A call of the outside that no driver makes. */
export const rate = (): Promise<Response> => fetch('https://rates.example/today')
