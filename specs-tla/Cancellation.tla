---------------------------- MODULE Cancellation ----------------------------
(***************************************************************************)
(* Calls of a run that may be stopped at any moment, by its caller or by   *)
(* its deadline, and whose connections may break: which writes have then   *)
(* happened, what is told about each, and what is sent again. The run is   *)
(* runtime/run.ts over runtime/schedule.ts, the driver runtime/drivers/    *)
(* within.ts and retry.ts. The calls are writes, each of which waits for   *)
(* all before it, as Scheduler has it.                                     *)
(*                                                                         *)
(* ASSUMES the other side does what it was sent at most once each time, or *)
(*   not at all; when a connection breaks nobody knows which.              *)
(* ASSUMES a write that is declared idempotent is.                         *)
(* ASSUMES a driver hears the signal (Drivers are held to it by            *)
(*   test/faults), so a call that is stopped ends.                         *)
(***************************************************************************)
EXTENDS Naturals

CONSTANTS
  N,        \* calls, in program order
  Attempts  \* how often an idempotent call is tried in all

VARIABLES
  idem,     \* idem[k]: whether call k is declared idempotent
  ph,       \* ph[k]: waits, sent, applied, done, failed, unknown
  tries,    \* tries[k]: how often it was sent
  times,    \* times[k]: how often it has happened
  doubt,    \* doubt[k]: an attempt broke, and may have happened
  stop      \* the run is to stop

vars == <<idem, ph, tries, times, doubt, stop>>
Calls == 1..N

Init ==
  /\ idem \in [Calls -> BOOLEAN]
  /\ ph = [k \in Calls |-> IF k = 1 THEN "sent" ELSE "waits"]
  /\ tries = [k \in Calls |-> IF k = 1 THEN 1 ELSE 0]
  /\ times = [k \in Calls |-> 0]
  /\ doubt = [k \in Calls |-> FALSE]
  /\ stop = FALSE

InFlight(k) == ph[k] \in {"sent", "applied"}
(* The other side does it. *)
Apply(k) ==
  /\ ph[k] = "sent"
  /\ ph' = [ph EXCEPT ![k] = "applied"] /\ times' = [times EXCEPT ![k] = times[k] + 1]
  /\ UNCHANGED <<idem, tries, doubt, stop>>
(* It says that it has, and the next call goes out. *)
Acknowledge(k) ==
  /\ ph[k] = "applied"
  /\ ph' = [j \in Calls |-> IF j = k THEN "done" ELSE IF j = k + 1 THEN "sent" ELSE ph[j]]
  /\ tries' = [j \in Calls |-> IF j = k + 1 THEN 1 ELSE tries[j]]
  /\ UNCHANGED <<idem, times, doubt, stop>>
(* It says that it has not and will not; what an earlier attempt may have done is not undone by that. *)
Refuse(k) ==
  /\ ph[k] = "sent"
  /\ ph' = [ph EXCEPT ![k] = IF doubt[k] THEN "unknown" ELSE "failed"]
  /\ UNCHANGED <<idem, tries, times, doubt, stop>>
(* The connection breaks. What may happen twice is sent again, as long as somebody wants it. *)
Break(k) ==
  /\ InFlight(k)
  /\ IF idem[k] /\ tries[k] < Attempts
     THEN /\ ph' = [ph EXCEPT ![k] = "sent"] /\ tries' = [tries EXCEPT ![k] = tries[k] + 1]
     ELSE /\ ph' = [ph EXCEPT ![k] = "unknown"] /\ UNCHANGED tries
  /\ doubt' = [doubt EXCEPT ![k] = TRUE]
  /\ UNCHANGED <<idem, times, stop>>
(* The caller has gone, or it is too late: what is in flight ends, and nobody knows how. *)
Stop ==
  /\ ~stop
  /\ stop' = TRUE
  /\ ph' = [k \in Calls |-> IF InFlight(k) THEN "unknown" ELSE ph[k]]
  /\ UNCHANGED <<idem, tries, times, doubt>>

Next == (\E k \in Calls : Apply(k) \/ Acknowledge(k) \/ Refuse(k) \/ Break(k)) \/ Stop

(* Time limits: what was sent is answered or given up in the end. Nobody has to stop a run. *)
CancellationSpec ==
  /\ Init /\ [][Next]_vars
  /\ \A k \in Calls : WF_vars(Acknowledge(k) \/ Break(k) \/ Refuse(k))

----------------------------------------------------------------------------
TypeOK ==
  /\ \A k \in Calls :
       /\ ph[k] \in {"waits", "sent", "applied", "done", "failed", "unknown"}
       /\ tries[k] \in 0..Attempts /\ times[k] \in 0..Attempts
  /\ stop \in BOOLEAN

(* What has happened is closed under dependence: nothing has, before which something has not. *)
Closed == \A k \in Calls : times[k] > 0 => \A j \in Calls : j < k => ph[j] = "done"
(* What was not declared idempotent is sent once, whatever happens. *)
SentOnce == \A k \in Calls : ~idem[k] => tries[k] <= 1
(* What is told is true: done has happened, failed has not, and only of what was sent it is said that nobody knows. *)
Honest ==
  \A k \in Calls :
    /\ ph[k] = "done" => times[k] > 0
    /\ ph[k] \in {"failed", "waits"} => times[k] = 0
    /\ ph[k] = "unknown" => tries[k] > 0
(* After an end that is no success nothing follows. A call in flight is ended by the stop, so nothing follows that either. *)
NothingAfter ==
  /\ stop => \A k \in Calls : ~InFlight(k)
  /\ \A k \in Calls : ph[k] \in {"failed", "unknown"} => \A j \in Calls : j > k => ph[j] = "waits"

(* Every run ends. *)
Ends == TRUE ~> (\A k \in Calls : ~InFlight(k))
=============================================================================
