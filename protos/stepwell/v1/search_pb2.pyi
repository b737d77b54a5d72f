from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AuthorityMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUTHORITY_MODE_UNSPECIFIED: _ClassVar[AuthorityMode]
    AUTHORITY_MODE_ON: _ClassVar[AuthorityMode]
    AUTHORITY_MODE_OFF: _ClassVar[AuthorityMode]
AUTHORITY_MODE_UNSPECIFIED: AuthorityMode
AUTHORITY_MODE_ON: AuthorityMode
AUTHORITY_MODE_OFF: AuthorityMode

class Filters(_message.Message):
    __slots__ = ("kinds", "collections", "sites", "exclude_sites", "after", "before", "undated", "hosts", "languages", "retracted", "clusters")
    KINDS_FIELD_NUMBER: _ClassVar[int]
    COLLECTIONS_FIELD_NUMBER: _ClassVar[int]
    SITES_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_SITES_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    UNDATED_FIELD_NUMBER: _ClassVar[int]
    HOSTS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    RETRACTED_FIELD_NUMBER: _ClassVar[int]
    CLUSTERS_FIELD_NUMBER: _ClassVar[int]
    kinds: _containers.RepeatedScalarFieldContainer[str]
    collections: _containers.RepeatedScalarFieldContainer[str]
    sites: _containers.RepeatedScalarFieldContainer[str]
    exclude_sites: _containers.RepeatedScalarFieldContainer[str]
    after: str
    before: str
    undated: bool
    hosts: _containers.RepeatedScalarFieldContainer[str]
    languages: _containers.RepeatedScalarFieldContainer[str]
    retracted: _containers.RepeatedScalarFieldContainer[str]
    clusters: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, kinds: _Optional[_Iterable[str]] = ..., collections: _Optional[_Iterable[str]] = ..., sites: _Optional[_Iterable[str]] = ..., exclude_sites: _Optional[_Iterable[str]] = ..., after: _Optional[str] = ..., before: _Optional[str] = ..., undated: bool = ..., hosts: _Optional[_Iterable[str]] = ..., languages: _Optional[_Iterable[str]] = ..., retracted: _Optional[_Iterable[str]] = ..., clusters: _Optional[_Iterable[str]] = ...) -> None: ...

class Overlay(_message.Message):
    __slots__ = ("boost", "block", "only")
    BOOST_FIELD_NUMBER: _ClassVar[int]
    BLOCK_FIELD_NUMBER: _ClassVar[int]
    ONLY_FIELD_NUMBER: _ClassVar[int]
    boost: _containers.RepeatedScalarFieldContainer[str]
    block: _containers.RepeatedScalarFieldContainer[str]
    only: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, boost: _Optional[_Iterable[str]] = ..., block: _Optional[_Iterable[str]] = ..., only: _Optional[_Iterable[str]] = ...) -> None: ...

class Query(_message.Message):
    __slots__ = ("text", "k", "filters", "authority", "passages", "profile", "overlay", "max_tokens", "max_per_domain", "max_per_paper", "fuse", "category", "explain", "diversity", "rerank", "rerank_ms", "impact", "feedback", "recency")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    OVERLAY_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MAX_PER_DOMAIN_FIELD_NUMBER: _ClassVar[int]
    MAX_PER_PAPER_FIELD_NUMBER: _ClassVar[int]
    FUSE_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    DIVERSITY_FIELD_NUMBER: _ClassVar[int]
    RERANK_FIELD_NUMBER: _ClassVar[int]
    RERANK_MS_FIELD_NUMBER: _ClassVar[int]
    IMPACT_FIELD_NUMBER: _ClassVar[int]
    FEEDBACK_FIELD_NUMBER: _ClassVar[int]
    RECENCY_FIELD_NUMBER: _ClassVar[int]
    text: str
    k: int
    filters: Filters
    authority: AuthorityMode
    passages: int
    profile: str
    overlay: Overlay
    max_tokens: int
    max_per_domain: int
    max_per_paper: int
    fuse: str
    category: str
    explain: bool
    diversity: float
    rerank: int
    rerank_ms: int
    impact: float
    feedback: float
    recency: float
    def __init__(self, text: _Optional[str] = ..., k: _Optional[int] = ..., filters: _Optional[_Union[Filters, _Mapping]] = ..., authority: _Optional[_Union[AuthorityMode, str]] = ..., passages: _Optional[int] = ..., profile: _Optional[str] = ..., overlay: _Optional[_Union[Overlay, _Mapping]] = ..., max_tokens: _Optional[int] = ..., max_per_domain: _Optional[int] = ..., max_per_paper: _Optional[int] = ..., fuse: _Optional[str] = ..., category: _Optional[str] = ..., explain: bool = ..., diversity: _Optional[float] = ..., rerank: _Optional[int] = ..., rerank_ms: _Optional[int] = ..., impact: _Optional[float] = ..., feedback: _Optional[float] = ..., recency: _Optional[float] = ...) -> None: ...

class BatchSearchRequest(_message.Message):
    __slots__ = ("queries", "as_of")
    QUERIES_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    queries: _containers.RepeatedCompositeFieldContainer[Query]
    as_of: str
    def __init__(self, queries: _Optional[_Iterable[_Union[Query, _Mapping]]] = ..., as_of: _Optional[str] = ...) -> None: ...

class Terms(_message.Message):
    __slots__ = ("bias", "lexical", "dense", "authority", "bm25", "max_bm25", "cosine", "title", "title_bm25", "best_bm25", "fused", "cross", "impact", "feedback", "recency")
    BIAS_FIELD_NUMBER: _ClassVar[int]
    LEXICAL_FIELD_NUMBER: _ClassVar[int]
    DENSE_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_FIELD_NUMBER: _ClassVar[int]
    BM25_FIELD_NUMBER: _ClassVar[int]
    MAX_BM25_FIELD_NUMBER: _ClassVar[int]
    COSINE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TITLE_BM25_FIELD_NUMBER: _ClassVar[int]
    BEST_BM25_FIELD_NUMBER: _ClassVar[int]
    FUSED_FIELD_NUMBER: _ClassVar[int]
    CROSS_FIELD_NUMBER: _ClassVar[int]
    IMPACT_FIELD_NUMBER: _ClassVar[int]
    FEEDBACK_FIELD_NUMBER: _ClassVar[int]
    RECENCY_FIELD_NUMBER: _ClassVar[int]
    bias: float
    lexical: float
    dense: float
    authority: float
    bm25: float
    max_bm25: float
    cosine: float
    title: float
    title_bm25: float
    best_bm25: float
    fused: float
    cross: float
    impact: float
    feedback: float
    recency: float
    def __init__(self, bias: _Optional[float] = ..., lexical: _Optional[float] = ..., dense: _Optional[float] = ..., authority: _Optional[float] = ..., bm25: _Optional[float] = ..., max_bm25: _Optional[float] = ..., cosine: _Optional[float] = ..., title: _Optional[float] = ..., title_bm25: _Optional[float] = ..., best_bm25: _Optional[float] = ..., fused: _Optional[float] = ..., cross: _Optional[float] = ..., impact: _Optional[float] = ..., feedback: _Optional[float] = ..., recency: _Optional[float] = ...) -> None: ...

class Trust(_message.Message):
    __slots__ = ("value", "tier", "key", "rule", "mark")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    MARK_FIELD_NUMBER: _ClassVar[int]
    value: float
    tier: str
    key: str
    rule: str
    mark: str
    def __init__(self, value: _Optional[float] = ..., tier: _Optional[str] = ..., key: _Optional[str] = ..., rule: _Optional[str] = ..., mark: _Optional[str] = ...) -> None: ...

class Span(_message.Message):
    __slots__ = ("start", "end")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class Passage(_message.Message):
    __slots__ = ("text", "start", "end", "highlights", "section")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    HIGHLIGHTS_FIELD_NUMBER: _ClassVar[int]
    SECTION_FIELD_NUMBER: _ClassVar[int]
    text: str
    start: int
    end: int
    highlights: _containers.RepeatedCompositeFieldContainer[Span]
    section: str
    def __init__(self, text: _Optional[str] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., highlights: _Optional[_Iterable[_Union[Span, _Mapping]]] = ..., section: _Optional[str] = ...) -> None: ...

class Hit(_message.Message):
    __slots__ = ("rank", "doc_id", "title", "url", "kind", "authors", "venue", "published", "score", "relevance", "authority", "terms", "passages", "moved", "exact_match", "text_sha256", "wording", "diversified")
    RANK_FIELD_NUMBER: _ClassVar[int]
    DOC_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    AUTHORS_FIELD_NUMBER: _ClassVar[int]
    VENUE_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    RELEVANCE_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    MOVED_FIELD_NUMBER: _ClassVar[int]
    EXACT_MATCH_FIELD_NUMBER: _ClassVar[int]
    TEXT_SHA256_FIELD_NUMBER: _ClassVar[int]
    WORDING_FIELD_NUMBER: _ClassVar[int]
    DIVERSIFIED_FIELD_NUMBER: _ClassVar[int]
    rank: int
    doc_id: str
    title: str
    url: str
    kind: str
    authors: _containers.RepeatedScalarFieldContainer[str]
    venue: str
    published: str
    score: float
    relevance: float
    authority: Trust
    terms: Terms
    passages: _containers.RepeatedCompositeFieldContainer[Passage]
    moved: int
    exact_match: str
    text_sha256: str
    wording: int
    diversified: int
    def __init__(self, rank: _Optional[int] = ..., doc_id: _Optional[str] = ..., title: _Optional[str] = ..., url: _Optional[str] = ..., kind: _Optional[str] = ..., authors: _Optional[_Iterable[str]] = ..., venue: _Optional[str] = ..., published: _Optional[str] = ..., score: _Optional[float] = ..., relevance: _Optional[float] = ..., authority: _Optional[_Union[Trust, _Mapping]] = ..., terms: _Optional[_Union[Terms, _Mapping]] = ..., passages: _Optional[_Iterable[_Union[Passage, _Mapping]]] = ..., moved: _Optional[int] = ..., exact_match: _Optional[str] = ..., text_sha256: _Optional[str] = ..., wording: _Optional[int] = ..., diversified: _Optional[int] = ...) -> None: ...

class Ranking(_message.Message):
    __slots__ = ("hits", "snapshot", "authority_version", "encoder", "calibration", "coverage", "took_ms", "stages", "delta")
    HITS_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_VERSION_FIELD_NUMBER: _ClassVar[int]
    ENCODER_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    TOOK_MS_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    hits: _containers.RepeatedCompositeFieldContainer[Hit]
    snapshot: str
    authority_version: str
    encoder: str
    calibration: str
    coverage: _containers.RepeatedScalarFieldContainer[str]
    took_ms: float
    stages: _containers.RepeatedCompositeFieldContainer[StageTime]
    delta: float
    def __init__(self, hits: _Optional[_Iterable[_Union[Hit, _Mapping]]] = ..., snapshot: _Optional[str] = ..., authority_version: _Optional[str] = ..., encoder: _Optional[str] = ..., calibration: _Optional[str] = ..., coverage: _Optional[_Iterable[str]] = ..., took_ms: _Optional[float] = ..., stages: _Optional[_Iterable[_Union[StageTime, _Mapping]]] = ..., delta: _Optional[float] = ...) -> None: ...

class StageTime(_message.Message):
    __slots__ = ("stage", "ms")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    MS_FIELD_NUMBER: _ClassVar[int]
    stage: str
    ms: float
    def __init__(self, stage: _Optional[str] = ..., ms: _Optional[float] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class SearchOutcome(_message.Message):
    __slots__ = ("query", "ranking", "failure")
    QUERY_FIELD_NUMBER: _ClassVar[int]
    RANKING_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    query: str
    ranking: Ranking
    failure: Failure
    def __init__(self, query: _Optional[str] = ..., ranking: _Optional[_Union[Ranking, _Mapping]] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ...) -> None: ...

class BatchSearchResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[SearchOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[SearchOutcome, _Mapping]]] = ...) -> None: ...

class BatchSearchPart(_message.Message):
    __slots__ = ("query", "outcome")
    QUERY_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    query: int
    outcome: SearchOutcome
    def __init__(self, query: _Optional[int] = ..., outcome: _Optional[_Union[SearchOutcome, _Mapping]] = ...) -> None: ...

class FetchRequest(_message.Message):
    __slots__ = ("targets", "parts", "as_of")
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    targets: _containers.RepeatedScalarFieldContainer[str]
    parts: _containers.RepeatedCompositeFieldContainer[Part]
    as_of: str
    def __init__(self, targets: _Optional[_Iterable[str]] = ..., parts: _Optional[_Iterable[_Union[Part, _Mapping]]] = ..., as_of: _Optional[str] = ...) -> None: ...

class Range(_message.Message):
    __slots__ = ("start", "end")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class Part(_message.Message):
    __slots__ = ("target", "characters", "bytes", "lines", "section", "passages", "find", "matches")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    CHARACTERS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    SECTION_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    FIND_FIELD_NUMBER: _ClassVar[int]
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    target: str
    characters: Range
    bytes: Range
    lines: Range
    section: str
    passages: Range
    find: str
    matches: int
    def __init__(self, target: _Optional[str] = ..., characters: _Optional[_Union[Range, _Mapping]] = ..., bytes: _Optional[_Union[Range, _Mapping]] = ..., lines: _Optional[_Union[Range, _Mapping]] = ..., section: _Optional[str] = ..., passages: _Optional[_Union[Range, _Mapping]] = ..., find: _Optional[str] = ..., matches: _Optional[int] = ...) -> None: ...

class Match(_message.Message):
    __slots__ = ("start", "end", "line", "excerpt", "excerpt_start", "section")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    EXCERPT_FIELD_NUMBER: _ClassVar[int]
    EXCERPT_START_FIELD_NUMBER: _ClassVar[int]
    SECTION_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    line: int
    excerpt: str
    excerpt_start: int
    section: str
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ..., line: _Optional[int] = ..., excerpt: _Optional[str] = ..., excerpt_start: _Optional[int] = ..., section: _Optional[str] = ...) -> None: ...

class Section(_message.Message):
    __slots__ = ("heading", "level", "start", "end")
    HEADING_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    heading: str
    level: int
    start: int
    end: int
    def __init__(self, heading: _Optional[str] = ..., level: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class Document(_message.Message):
    __slots__ = ("id", "title", "text", "kind", "url", "authors", "editors", "venue", "published", "language", "collection", "identifiers", "details", "sections", "retracted", "notices", "references", "cluster", "sources")
    class IdentifiersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class DetailsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    AUTHORS_FIELD_NUMBER: _ClassVar[int]
    EDITORS_FIELD_NUMBER: _ClassVar[int]
    VENUE_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    SECTIONS_FIELD_NUMBER: _ClassVar[int]
    RETRACTED_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    id: str
    title: str
    text: str
    kind: str
    url: str
    authors: _containers.RepeatedScalarFieldContainer[str]
    editors: _containers.RepeatedScalarFieldContainer[str]
    venue: str
    published: str
    language: str
    collection: str
    identifiers: _containers.ScalarMap[str, str]
    details: _containers.ScalarMap[str, str]
    sections: _containers.RepeatedCompositeFieldContainer[Section]
    retracted: bool
    notices: _containers.RepeatedScalarFieldContainer[str]
    references: _containers.RepeatedScalarFieldContainer[str]
    cluster: str
    sources: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., text: _Optional[str] = ..., kind: _Optional[str] = ..., url: _Optional[str] = ..., authors: _Optional[_Iterable[str]] = ..., editors: _Optional[_Iterable[str]] = ..., venue: _Optional[str] = ..., published: _Optional[str] = ..., language: _Optional[str] = ..., collection: _Optional[str] = ..., identifiers: _Optional[_Mapping[str, str]] = ..., details: _Optional[_Mapping[str, str]] = ..., sections: _Optional[_Iterable[_Union[Section, _Mapping]]] = ..., retracted: bool = ..., notices: _Optional[_Iterable[str]] = ..., references: _Optional[_Iterable[str]] = ..., cluster: _Optional[str] = ..., sources: _Optional[_Iterable[str]] = ...) -> None: ...

class FetchedDocument(_message.Message):
    __slots__ = ("document", "authority", "text_sha256", "snapshot", "excerpt")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_FIELD_NUMBER: _ClassVar[int]
    TEXT_SHA256_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    EXCERPT_FIELD_NUMBER: _ClassVar[int]
    document: Document
    authority: Trust
    text_sha256: str
    snapshot: str
    excerpt: Excerpt
    def __init__(self, document: _Optional[_Union[Document, _Mapping]] = ..., authority: _Optional[_Union[Trust, _Mapping]] = ..., text_sha256: _Optional[str] = ..., snapshot: _Optional[str] = ..., excerpt: _Optional[_Union[Excerpt, _Mapping]] = ...) -> None: ...

class Excerpt(_message.Message):
    __slots__ = ("start", "end", "characters", "lines", "first_line", "matches", "found")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    CHARACTERS_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    FIRST_LINE_FIELD_NUMBER: _ClassVar[int]
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    characters: int
    lines: int
    first_line: int
    matches: _containers.RepeatedCompositeFieldContainer[Match]
    found: int
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ..., characters: _Optional[int] = ..., lines: _Optional[int] = ..., first_line: _Optional[int] = ..., matches: _Optional[_Iterable[_Union[Match, _Mapping]]] = ..., found: _Optional[int] = ...) -> None: ...

class FetchOutcome(_message.Message):
    __slots__ = ("target", "fetched", "failure")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    FETCHED_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    target: str
    fetched: FetchedDocument
    failure: Failure
    def __init__(self, target: _Optional[str] = ..., fetched: _Optional[_Union[FetchedDocument, _Mapping]] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ...) -> None: ...

class FetchResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[FetchOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[FetchOutcome, _Mapping]]] = ...) -> None: ...

class StatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusResponse(_message.Message):
    __slots__ = ("snapshot", "authority_version", "encoder", "calibration", "documents", "passages", "release", "categories", "profiles")
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_VERSION_FIELD_NUMBER: _ClassVar[int]
    ENCODER_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    PROFILES_FIELD_NUMBER: _ClassVar[int]
    snapshot: str
    authority_version: str
    encoder: str
    calibration: str
    documents: int
    passages: int
    release: str
    categories: _containers.RepeatedScalarFieldContainer[str]
    profiles: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, snapshot: _Optional[str] = ..., authority_version: _Optional[str] = ..., encoder: _Optional[str] = ..., calibration: _Optional[str] = ..., documents: _Optional[int] = ..., passages: _Optional[int] = ..., release: _Optional[str] = ..., categories: _Optional[_Iterable[str]] = ..., profiles: _Optional[_Iterable[str]] = ...) -> None: ...
