--------------------------- MODULE TraceLifecycle ---------------------------
(***************************************************************************)
(* What real engines told of themselves, read as behaviours of Lifecycle:  *)
(* every move of a build of a tier, and what became of versions. Either no *)
(* other tier has room in them, or one handle and tier is seen alone, and  *)
(* who else has room is not. They end where a handle is closed. TLC prints *)
(* the numbers of the traces that are behaviours.                          *)
(***************************************************************************)
EXTENDS Lifecycle, TraceData, TLC

VARIABLES
  t,  \* which trace
  i   \* the next event of it

Events == Traces[t].events
TraceInit == t \in 1..Len(Traces) /\ i = 1 /\ Init
Moves(a, h, v) ==
  \/ a = "Optimize" /\ Optimize(h, v)
  \/ a = "Generate" /\ Generate(h, v)
  \/ a = "Compile" /\ Compile(h, v)
  \/ a = "Recall" /\ Recall(h, v)
  \/ a = "Install" /\ Install(h, v)
  \/ a = "Fail" /\ Fail(h, v)
  \/ a = "Retry" /\ Retry(h, v)
  \/ a = "Restore" /\ Restore(h, v)
  \/ a = "Begin" /\ Begin(h, v)
  \/ a = "Join" /\ Join(h, v)
  \/ a = "Leave" /\ Leave(h, v)
  \/ a = "Rest" /\ Rest(h, v)
  \/ a = "Release" /\ Release(h, v)
  \/ a = "Discard" /\ Discard(h, v)
  \/ a = "Evict" /\ Evict(h, v)
  \/ a = "Doom" /\ Doom(h, v)
  \/ a = "Forget" /\ Forget(h, v)
  \/ a = "Condemn" /\ Condemn(h, v)
Happens(e) ==
  IF Len(e) = 3 THEN Moves(e[1], e[2], e[3])
  ELSE \/ e[1] = "Replace" /\ Replace(e[2])
       \/ e[1] = "Prove" /\ Prove(e[2])
       \/ e[1] = "Rollback" /\ Rollback(e[2])
(* Takes the place of Wanted where one handle and tier is seen alone: anybody else may want its room at any time. *)
Elsewhere == TRUE
TraceNext == i <= Len(Events) /\ Happens(Events[i]) /\ i' = i + 1 /\ t' = t
TraceSpec == TraceInit /\ [][TraceNext]_<<vars, t, i>>
Accepted == i > Len(Events) => PrintT(<<"accepted", t>>)
=============================================================================
