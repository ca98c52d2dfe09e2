"""From pictures to what they show: machine readable zones, visual zones, barcodes, portraits and picture quality."""
