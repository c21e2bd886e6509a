"""What makes a picture answer a slider: the record of a demo, the browser's side of it, and the drawing.

demo, controls    a Demo: what it computes and draws, and the values that its controls take
widget            the kernel's side of a live demo: a setting comes in, a frame goes out
front.js          the browser's side: sliders, handles, and the frames it has and asks for
handles           points of a picture that are dragged, and the controls that they move
specification     a demo as plain data, for `front.js`
render, drawn     a figure → a PNG with its alt text; a figure → what is drawn in it, for tests
recording         axes that are drawn once and replayed, where nothing in them differs
"""
