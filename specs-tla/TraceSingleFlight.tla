------------------------- MODULE TraceSingleFlight -------------------------
(***************************************************************************)
(* What was recorded of a memory under load, read as behaviours of         *)
(* SingleFlight: who asked, computed, read, answered or failed, what was   *)
(* given to whom, writes, and time. TLC prints the numbers of the traces   *)
(* that are behaviours.                                                    *)
(***************************************************************************)
EXTENDS SingleFlight, TraceData, TLC

VARIABLES
  t,  \* which trace
  i   \* the next event of it

Events == Traces[t].events
TraceInit == t \in 1..Len(Traces) /\ i = 1 /\ Init
Happens(e) ==
  \/ e[1] = "Ask" /\ Ask(e[2])
  \/ e[1] = "Look" /\ Look(e[2])
  \/ e[1] = "Answer" /\ Answer(e[2])
  \/ e[1] = "Fail" /\ Fail(e[2])
  \/ e[1] = "Write" /\ Write
  \/ e[1] = "Hear" /\ Hear
  \/ e[1] = "Expire" /\ Expire
  \/ e[1] = "Computes" /\ st[e[2]] = "computes" /\ UNCHANGED vars
  \/ e[1] = "Given" /\ st[e[2]] = "done" /\ ans[e[2]] = e[3] /\ UNCHANGED vars
  \/ e[1] = "Failed" /\ st[e[2]] = "failed" /\ UNCHANGED vars
TraceNext == i <= Len(Events) /\ Happens(Events[i]) /\ i' = i + 1 /\ t' = t
TraceSpec == TraceInit /\ [][TraceNext]_<<vars, t, i>>
Accepted == i > Len(Events) => PrintT(<<"accepted", t>>)
=============================================================================
