"""What judged collections are read from: BEIR folders, TREC files, spreadsheets."""
