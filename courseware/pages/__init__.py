"""Web pages and slides made from the notebooks: one folder that needs no kernel, no server and no network.

    frozen      a demo → a grid of its frames: one background, and an overlay per frame
    mathematics markdown with TeX → HTML
    documents   a notebook → the HTML of its cells, with frozen demos in place of live ones
    practice    templates of questions → the questions of the practice page, as data
    prepared    frames and questions, drawn again only if their sources changed
    decks       the cells of a lecture → slides with fragments and speaker notes
    api         the docstrings and the code of `lsml_core` → its pages
    site        all of it → `site/`, with an index and a search

`lsml site` calls `site.build`.
"""
