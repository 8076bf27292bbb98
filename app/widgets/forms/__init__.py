"""The bricks of the editors: fields that hold one value of a spec each, forms, and the page around them."""
