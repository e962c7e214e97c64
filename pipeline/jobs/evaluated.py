"""``tarmac evaluate``: matches and leads against the verdicts that analysts recorded."""

from __future__ import annotations

from typing import Any

from pipeline.correlate.evaluation import evaluate
from pipeline.store.store import Store


def evaluated(store: Store) -> dict[str, Any]:
    """Figures over everything that was confirmed or refuted; withdrawn matches count with the posterior that they had last.

    Recall is among confirmed matches alone: a visit that never became a candidate cannot be reviewed.
    """
    with store.read() as session:
        matches = session.matches.current(include_withdrawn=True)
        leads = session.leads.current(include_withdrawn=True)
        said = session.reviews.latest([*(m.match_id for m in matches), *(x.lead_id for x in leads)])
    verdict = {subject: review.verdict == "confirmed" for subject, review in said.items() if review.verdict != "unreviewed"}
    judged = [(m.posterior, verdict[m.match_id]) for m in matches if m.match_id in verdict]
    return {
        "matches": len(matches),
        "reviewed": evaluate([p for p, _ in judged], [t for _, t in judged]).as_dict(),
        "leads": {
            kind: {
                "all": sum(x.kind == kind for x in leads),
                "confirmed": sum(verdict.get(x.lead_id, False) for x in leads if x.kind == kind),
                "refuted": sum(not verdict.get(x.lead_id, True) for x in leads if x.kind == kind),
            }
            for kind in ("visit", "company")
        },
    }


def evaluation_text(found: dict[str, Any]) -> str:
    """The same for people."""
    reviewed, lines = found["reviewed"], []
    lines.append(f"{found['matches']} matches, {reviewed['count']} with a verdict, {reviewed['true']} of them confirmed.")
    if not reviewed["count"]:
        lines.append("Nothing to compare with yet: tarmac review ID confirmed|refuted records a verdict.")
    lines += [f"  {name:<10} {reviewed[name]:.3f}" for name in ("precision", "recall", "brier") if reviewed[name] is not None]
    if reviewed["count"]:
        lines.append("  Said        how many   mean said   confirmed")
        lines += [
            f"  {b['low']:.2f}–{b['high']:.2f}   {b['count']:8d}   {b['said']:9.2f}   {b['true']:9.2f}" for b in reviewed["reliability"]
        ]
        lines.append("  Recall is among reviewed matches; what never became a candidate is not in it.")
    for kind, count in found["leads"].items():
        lines.append(f"{kind} leads: {count['all']}, {count['confirmed']} confirmed, {count['refuted']} refuted.")
    return "\n".join(lines) + "\n"
