"""Find the clauses that answer a question: nearest vectors and keywords, fused, with a calibrated confidence."""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as Found
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from numpy.typing import NDArray
from pydantic import ConfigDict

from index import confidence, ranking, spelling, vocabulary
from index.clauses import Clause, Findings, Hit, Policy
from index.embedding import MiniLM
from index.given_names import nameless
from index.store import Store, Superseded
from index.versions import in_force

_CANDIDATES = 60  # nearest vectors to look at, of which keywords may lift any to the top
_HITS = 12
_MEANWHILE = 0.02  # seconds that Chroma takes to delete a collection
_GIVES_THE_KIND = 0.1  # beside cosines that lie some hundredths apart
_NEAR_THE_BEST = 0.16  # only a clause that is as good by its meaning is lifted by its form
_MOST_CLAUSES_KEPT = 150_000  # in memory, over all organisations; some 3 KB each


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shelf:
    """An edition opened for searching."""

    edition: str
    policies: tuple[Policy, ...]
    clauses: tuple[Clause, ...]
    owners: tuple[Policy, ...]  # the policy of each clause
    rows: dict[str, int]  # clause id -> row
    keywords: ranking.Keywords
    words: frozenset[str]
    by_vector: bool
    vectors: NDArray[np.float32] | None = None  # (clauses, width), of what is not in force: the store searches the rest


class ClauseSearch:
    """Searches the editions in a store. Without `embeddings` it goes by keywords alone. Safe to share by threads."""

    def __init__(self, store: Store, embeddings: Embeddings | None, space: str) -> None:
        self._store, self.embeddings, self._space = store, embeddings, space
        self._shelves: OrderedDict[str, _Shelf] = OrderedDict()
        self._lock = threading.Lock()

    def policies(self, organisation: str) -> tuple[Policy, ...]:
        """The organisation's policies in force with their clauses; empty when none is indexed."""
        shelf = self._shelf(organisation)
        return shelf.policies if shelf else ()

    def versions(self, organisation: str) -> tuple[Policy, ...]:
        """Every version that is kept of an organisation's policies, with clauses: those in force, then the past ones,
        the latest first."""
        past = [self._store.read(name).policies[0] for name in self._store.past(organisation)]
        return (*self.policies(organisation), *sorted(past, key=lambda p: p.until or date.max, reverse=True))

    def find(self, organisation: str, question: str, on: date | None = None) -> Findings:
        """What that organisation's policies, and no other's, say to a question; or said `on` a day in the past."""
        for _ in range(5):
            shelf = self._shelf(organisation) if on is None else self._shelf_on(organisation, on)
            if shelf is None or not question.strip() or not shelf.clauses:
                return Findings(organisation=organisation, question=question, hits=(), confidence=0.0)
            try:
                return self._find(shelf, organisation, question)
            except Superseded:
                time.sleep(_MEANWHILE)  # replaced between the pointer and the question: take the next edition
        raise Superseded(organisation)

    def _find(self, shelf: _Shelf, organisation: str, question: str) -> Findings:
        asked = question
        question = nameless(question, lambda word: all(stem in shelf.keywords for stem in ranking.words(word)))
        if isinstance(self.embeddings, MiniLM):
            question = spelling.mended(question, shelf.words, self.embeddings.words)
        said = vocabulary.policy_words(question)
        weights = ranking.weigh(question, said)
        keyword = shelf.keywords.scores(weights)
        cosine = np.full(len(shelf.clauses), np.nan, dtype=np.float32)
        vector: list[float] = []
        if self.embeddings and shelf.by_vector:
            vector = self.embeddings.embed_query(vocabulary.spelled_out(question))
            if shelf.vectors is not None:
                cosine = shelf.vectors @ np.asarray(vector, np.float32)
            else:
                for clause_id, value in self._store.nearest(shelf.edition, vector, _CANDIDATES).items():
                    if clause_id in shelf.rows:  # the lines of a contents are kept, not searched
                        cosine[shelf.rows[clause_id]] = value
        scores = ranking.fuse(cosine, keyword)
        order = np.argsort(-scores, kind="stable")[: 2 * _HITS]
        if ranking.asks_for_a_kind(question):
            # "How long …" is answered by a clause with a time in it, "who is …" by one with a name.
            near = [row for row in order if scores[row] >= scores[order[0]] - _NEAR_THE_BEST]
            giving = [row for row in near if ranking.gives_what_is_asked(question, [shelf.clauses[row].text])]
            scores[giving] += _GIVES_THE_KIND
            order = order[np.argsort(-scores[order], kind="stable")]
        order = order[:_HITS]
        hits = tuple(
            Hit(
                clause=shelf.clauses[row],
                policy=shelf.owners[row],
                score=float(scores[row]),
                cosine=float(np.nan_to_num(cosine[row])),
                keyword=float(keyword[row]),
                telling=ranking.telling_sentence(shelf.clauses[row].text, weights, shelf.keywords),
                matched=ranking.matched_words(
                    f"{' '.join(shelf.clauses[row].path[-2:])} {shelf.clauses[row].text}", weights
                ),
            )
            for row in order
            if scores[row] > 0
        )
        known = np.sort(cosine[~np.isnan(cosine)])[::-1]
        sure = confidence.probability(
            question,
            said,
            [(hit.cosine, hit.clause.text, " ".join(hit.clause.path[-2:])) for hit in hits],
            shelf.keywords,
            known if self.embeddings and shelf.by_vector else None,
            vector if isinstance(self.embeddings, MiniLM) else (),
        )
        return Findings(organisation=organisation, question=asked, hits=hits, confidence=sure)

    def _shelf(self, organisation: str) -> _Shelf | None:
        """The edition in force, opened; kept until it is superseded or room is needed."""
        for _ in range(5):
            name = self._store.in_force(organisation)
            if name is None:
                return None
            with self._lock:
                kept = self._shelves.get(organisation)
                if kept and kept.edition == name:
                    self._shelves.move_to_end(organisation)
                    return kept
            try:
                shelf = self._open(name)
            except Superseded:
                time.sleep(_MEANWHILE)
                continue
            with self._lock:
                self._shelves[organisation] = shelf
                self._shelves.move_to_end(organisation)
                while (
                    len(self._shelves) > 1 and sum(len(s.clauses) for s in self._shelves.values()) > _MOST_CLAUSES_KEPT
                ):
                    self._shelves.popitem(last=False)
            return shelf
        raise Superseded(organisation)

    def _shelf_on(self, organisation: str, day: date) -> _Shelf | None:
        """What was in force on a day, from every version that is kept. Nothing of it stays open."""
        edition = self._store.in_force(organisation)
        if edition is None:
            return None
        names = [edition, *(name for name, p in self._store.past(organisation).items() if in_force(p, day))]
        policies = [p for name in names for p in self._store.read(name).policies if in_force(p, day)]
        vectors = {text: vector for name in names for text, vector in self._store.vectors(name).items()}
        texts = [embedded_text(clause) for policy in policies for clause in searched(policy)]
        known = np.array([vectors[text] for text in texts], np.float32) if all(t in vectors for t in texts) else None
        return self._shelve(edition, policies, known, by_vector=known is not None)

    def _open(self, name: str) -> _Shelf:
        return self._shelve(
            name, self._store.read(name).policies, None, by_vector=self._store.space_of(name) == self._space
        )

    @staticmethod
    def _shelve(
        name: str, policies: Sequence[Policy], vectors: NDArray[np.float32] | None, *, by_vector: bool
    ) -> _Shelf:
        pairs = [(clause, policy) for policy in policies for clause in searched(policy)]
        return _Shelf(
            edition=name,
            policies=tuple(policies),
            clauses=tuple(clause for clause, _ in pairs),
            owners=tuple(policy for _, policy in pairs),
            rows={clause.id: row for row, (clause, _) in enumerate(pairs)},
            words=spelling.words_of(f"{clause.text} {' '.join(clause.path)}" for clause, _ in pairs),
            keywords=ranking.Keywords((clause.text, " ".join(clause.path[-2:])) for clause, _ in pairs),
            by_vector=by_vector,
            vectors=vectors,
        )


def searched(policy: Policy) -> list[Clause]:
    """The clauses that can answer by themselves: not a line of the contents, which is only a heading printed twice."""
    headings = {heading for clause in policy.clauses for heading in clause.headings}
    return [clause for clause in policy.clauses if clause.text not in headings]


def embedded_text(clause: Clause) -> str:
    """The text that is embedded for a clause: what it says, and where it stands."""
    context = " > ".join(clause.path[-1:] if len(clause.text.split()) >= 14 else clause.path[-2:])
    return f"{context}: {clause.text}" if context else clause.text


class ClauseRetriever(BaseRetriever):
    """ClauseSearch as a langchain retriever of one organisation's clauses, for others to build on."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    search: Any  # a ClauseSearch; pydantic need not look into it
    organisation: str
    most: int = 3

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Found]:
        hits: Sequence[Hit] = self.search.find(self.organisation, query).hits[: self.most]
        return [
            Found(
                page_content=hit.clause.text,
                id=hit.clause.id,
                metadata={"citation": hit.clause.citation, "policy": hit.policy.id, "score": hit.score},
            )
            for hit in hits
        ]
