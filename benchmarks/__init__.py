"""How fast the dashboard is, measured in Chromium beside the floor of the platform it stands on."""
