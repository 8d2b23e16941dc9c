"""What an AO sets about itself: its look and its contact address."""
