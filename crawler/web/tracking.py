"""Which parameters of a URL say where a visitor came from, and never what the page is?

Only names that one service reserves for itself are listed, so that nothing a site might need is dropped: `ref`, `source`, `from`,
`campaign` and `cid` choose a page on some sites and stay. Names are compared without case, as mailers write them in any.
"""

from __future__ import annotations

import re

_SERVICES = {
    "Urchin and Google Analytics": r"utm_\w+|_ga|_gl|_gac|gclid|gclsrc|dclid|gbraid|wbraid|gad_source|gad_campaignid|srsltid",
    "Meta": r"fbclid|fb_action_ids|fb_action_types|fb_source|igshid|igsh",
    "Microsoft": r"msclkid",
    "Yandex": r"yclid|ysclid|_openstat",
    "other advertisers": r"twclid|ttclid|li_fat_id|epik|rdt_cid|sccid|irclickid|wickedid|rb_clid|s_kwcid",
    "Matomo": r"(?:pk|mtm|piwik|matomo)_(?:campaign|cid|cpn|kwd|keyword|source|medium|content|group|placement)",
    "HubSpot": r"_hsenc|_hsmi|__hssc|__hstc|__hsfp|hsctatracking",
    "mailers": r"mc_[ce]id|mkt_tok|oly_(?:anon|enc)_id|vero_id|vero_conv|_ke|ml_subscriber(?:_hash)?|ss_email_id|bsft_\w+",
}
"""Service -> its parameters."""
_TRACKING = re.compile("|".join(_SERVICES.values()), re.IGNORECASE)


def is_tracking(name: str) -> bool:
    """Whether a parameter of this name may be left out of a URL; `name` is percent-decoded."""
    return _TRACKING.fullmatch(name) is not None
