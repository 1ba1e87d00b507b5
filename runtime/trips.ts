/** The clock of waits: when a request leaves, and when its answer comes back. */
export class Trips {
  latest = 0
  leave(): number {
    return this.latest
  }
  back(left: number, trips: number): void {
    this.latest = Math.max(this.latest, left + trips)
  }
}
