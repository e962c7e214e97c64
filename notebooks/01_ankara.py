# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Ankara, 14 November 2022
#
# **RECONSTRUCTION.** The meeting is real: the directors of the CIA and of Russia's SVR met in Ankara; it had not been announced.
# Every position is invented, made to fit what the press reported. Play the case first: `tarmac demo ankara-2022-11-14`.

# %%
from datetime import date

import pandas as pd
from IPython.display import Image, display

from pipeline.desk import open_case

desk = open_case("ankara-2022-11-14")
print(desk.case.title, "·", desk.case.origin.value)

# %% [markdown]
# ## Who was in Ankara that day?

# %%
stays = desk.who_was_in("Ankara", date(2022, 11, 14))
stays[["registration", "icao24", "state", "operator", "airport", "touchdown", "take_off", "kind", "confidence", "origin"]]

# %% [markdown]
# ## The last half hour of RA-64057 (reconstruction)

# %%
landings = desk.landings().set_index("icao24")
picture = desk.map(landings.loc["14fa39", "landing_id"])
display(Image(picture.png, alt=picture.alt))

# %% [markdown]
# ## The press's time against the track's

# %%
rows = []
for claim in desk.case.claims:
    found = landings.loc[claim.icao24, "touchdown"]
    rows.append({"said": claim.said, "reported": claim.start, "track": found, "apart_s": (found - claim.start).total_seconds()})
pd.DataFrame(rows)

# %% [markdown]
# ## Does a reported meeting fit?

# %%
best = desk.matches()[0]
told = desk.explain(best)
print(told.as_text())

# %%
pd.DataFrame(
    [(r.name, r.level, round(r.bits, 2), round(r.probability, 3), r.said) for r in told.waterfall],
    columns=["evidence", "level", "bits", "so far", "what it says"],
)

# %%
figure = desk.stays().plot(figsize=(4, 4)).get_figure()
figure.axes[0].set_title("RECONSTRUCTION: stays, by airfield")

# %% [markdown]
# ## What may be said
#
# In this reconstruction a Russian state aircraft landed at Ankara Esenboğa at 11:26 local time, seen on the ground. Its stay is consistent with the meeting
# that was reported for that day. We do not know who was aboard, and a stay that fits is not proof that a meeting took place.

# %%
desk.close()
