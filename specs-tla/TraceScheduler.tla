--------------------------- MODULE TraceScheduler ---------------------------
(***************************************************************************)
(* What was recorded of real runs, read as behaviours of Scheduler: which  *)
(* call reached its driver, was done, was answered, and what the block     *)
(* answered. Where only drivers were looked at, what the outside does is   *)
(* not seen, and steps behind the last of theirs fill the program up. TLC  *)
(* prints the numbers of the traces that are behaviours.                   *)
(***************************************************************************)
EXTENDS Scheduler, TraceData, Sequences, TLC

VARIABLES
  t,  \* which trace
  i   \* the next event of it

Events == Traces[t].events
TraceInit ==
  /\ t \in 1..Len(Traces) /\ i = 1
  /\ kind = Traces[t].kind /\ table = Traces[t].table /\ takes = Traces[t].takes
  /\ Init
Told(k) == IF k = 0 THEN \A j \in Steps : ph[j] = "done" ELSE ph[k] = "failed" /\ Before(k - 1)
Happens(e) ==
  \/ e[1] = "Asked" /\ ph[e[2]] = "asked" /\ UNCHANGED vars
  \/ e[1] = "Act" /\ Act(e[2])
  \/ e[1] = "Succeed" /\ Succeed(e[2])
  \/ e[1] = "Fail" /\ Fail(e[2])
  \/ e[1] = "Answered" /\ Answered /\ Told(e[2]) /\ UNCHANGED vars
Unseen == \E k \in Steps : Act(k) \/ (k > Traces[t].outside /\ Succeed(k))
TraceNext ==
  /\ t' = t
  /\ \/ i <= Len(Events) /\ Happens(Events[i]) /\ i' = i + 1
     \/ i <= Len(Events) /\ Traces[t].outside > 0 /\ Unseen /\ i' = i
TraceSpec == TraceInit /\ [][TraceNext]_<<vars, t, i>>
Accepted == i > Len(Events) => PrintT(<<"accepted", t>>)
=============================================================================
