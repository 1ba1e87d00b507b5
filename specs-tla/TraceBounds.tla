---------------------------- MODULE TraceBounds ----------------------------
(***************************************************************************)
(* What was recorded at a turnstile under load, read as behaviours of      *)
(* Bounds: who came, who was let in, who left. TLC prints the numbers of   *)
(* the traces that are behaviours.                                         *)
(***************************************************************************)
EXTENDS Bounds, TraceData, TLC

VARIABLES
  t,  \* which trace
  i   \* the next event of it

Events == Traces[t].events
TraceInit == t \in 1..Len(Traces) /\ i = 1 /\ Init
Happens(e) ==
  \/ e[1] = "Come" /\ Come(e[2])
  \/ e[1] = "Leave" /\ Leave(e[2])
  \/ e[1] = "Works" /\ st[e[2]] = "works" /\ UNCHANGED vars
TraceNext == i <= Len(Events) /\ Happens(Events[i]) /\ i' = i + 1 /\ t' = t
TraceSpec == TraceInit /\ [][TraceNext]_<<vars, t, i>>
Accepted == i > Len(Events) => PrintT(<<"accepted", t>>)
=============================================================================
