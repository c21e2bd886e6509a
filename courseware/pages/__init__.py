"""Web pages and slides made from the notebooks: one folder that needs no kernel, no server and no network.

    frozen      a demo → a grid of its frames: one background, and an overlay per frame
    mathematics markdown with TeX → HTML
    documents   a notebook → the HTML of its cells, with frozen demos in place of live ones
    decks       the cells of a lecture → slides with fragments and speaker notes
    site        all of it → `site/`, with an index, a search and the API's pages

`lsml site` calls `site.build`.
"""
