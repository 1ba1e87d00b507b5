------------------------- MODULE TraceSingleFlight -------------------------
(***************************************************************************)
(* What was recorded of a memory under load, read as behaviours of         *)
(* SingleFlight: who asked, computed, read, answered or failed, what was   *)
(* given to whom, writes, and time. A service that was looked at alone     *)
(* does not tell who asks it, nor when one began to ask for what is        *)
(* remembered. TLC prints the numbers of the traces that are behaviours.   *)
(***************************************************************************)
EXTENDS SingleFlight, TraceData, TLC

VARIABLES
  t,  \* which trace
  i   \* the next event of it

Events == Traces[t].events
TraceInit == t \in 1..Len(Traces) /\ i = 1 /\ Init
Who(e) == IF Len(e) = 1 THEN Callers ELSE {e[2]}
Happens(e) ==
  \/ e[1] = "Ask" /\ Ask(e[2])
  \/ e[1] = "Look" /\ \E c \in Who(e) : Look(c)
  \/ e[1] = "Answer" /\ \E c \in Who(e) : Answer(c)
  \/ e[1] = "Fail" /\ \E c \in Who(e) : Fail(c)
  \/ e[1] = "Write" /\ Write
  \/ e[1] = "Hear" /\ Hear
  \/ e[1] = "Expire" /\ Expire
  \/ e[1] = "Computes" /\ st[e[2]] = "computes" /\ UNCHANGED vars
  \/ e[1] = "Given" /\ st[e[2]] = "done" /\ ans[e[2]] = e[3] /\ UNCHANGED vars
  \/ e[1] = "Failed" /\ st[e[2]] = "failed" /\ UNCHANGED vars
TraceNext ==
  /\ t' = t
  /\ \/ i <= Len(Events) /\ Happens(Events[i]) /\ i' = i + 1
     \/ i <= Len(Events) /\ Traces[t].outside /\ (\E c \in Callers : Ask(c)) /\ i' = i
TraceSpec == TraceInit /\ [][TraceNext]_<<vars, t, i>>
Accepted == i > Len(Events) => PrintT(<<"accepted", t>>)
=============================================================================
